/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of the data disk. */
#include "record/error.h"
#include "model/strategy.h"
#include "sim/clock.h"
#include "sim/verb.h"

static bool check_open(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->plan->needs->data_mb)
		return sim_fail(error, LU_ERROR_UNSUPPORTED,
				"data.open: this guest has no disk with serial \"data\"");
	if (sim->kernel.data != SIM_DATA_CLOSED)
		return sim_fail(error, LU_ERROR_USAGE, "data.open: it is open already");
	return sim_has(sim, "block", LU_ERROR_UNSUPPORTED, error) &&
	       sim_has(sim, "ext4", LU_ERROR_FAILED, error);
}

static int64_t cost_open(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, "data.open") +
	       (sim->disk.made ? 0 : sim_cost(sim, "data.open:format"));
}

static void open_disk(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_object_set_new(reply, "formatted", json_boolean(!sim->disk.made));
	sim->disk.made = true;
	sim->kernel.data = SIM_DATA_OPEN;
	sim_put_ns(reply, "open_ns", cost_ns);
}

static bool check_hold(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.data != SIM_DATA_CLOSED ||
	       sim_fail(error, LU_ERROR_USAGE, "data.hold: it is not open");
}

static void hold(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.data = SIM_DATA_HELD;
	sim_put_ns(reply, "hold_ns", cost_ns);
}

static void release(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim->kernel.data == SIM_DATA_HELD)
		sim->kernel.data = SIM_DATA_OPEN;
}

static bool check_close(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.data == SIM_DATA_CLOSED || sim->kernel.service == SIM_NONE ||
	       sim_fail(error, LU_ERROR_FAILED, "data.close: Device or resource busy");
}

static void close_disk(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.data = SIM_DATA_CLOSED;
}

static bool check_room(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.data != SIM_DATA_CLOSED ||
	       sim_fail(error, LU_ERROR_REFUSED, "data.room: it is not open");
}

/* A saved state is taken away as the service starts from it. */
static void tell_room(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	int64_t total = (int64_t)sim->plan->needs->data_mb << 20;

	json_object_set_new(reply, "total_bytes", json_integer(total));
	json_object_set_new(reply, "free_bytes", json_integer(total));
}

const struct lu_sim_verbs lu_sim_verbs_data = {
	.verbs =
		{
			{"data.open", check_open, cost_open, .apply = open_disk},
			{"data.hold", check_hold, .apply = hold},
			{"data.release", .apply = release},
			{"data.close", check_close, .apply = close_disk},
			{"data.room", check_room, sim_no_cost, .apply = tell_room},
			{},
		},
};
