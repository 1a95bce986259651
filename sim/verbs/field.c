/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of the disk "field". */
#include "record/error.h"
#include "sim/field.h"
#include "sim/verb.h"

static bool check_open(struct sim *sim, const json_t *args, GError **error)
{
	if (sim->kernel.field)
		return sim_fail(error, LU_ERROR_USAGE, "field.open: it is open already");
	return sim_has(sim, "block", LU_ERROR_UNSUPPORTED, error) &&
	       sim_has(sim, "ext4", LU_ERROR_FAILED, error);
}

static void open_disk(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.field = true;
	sim->kernel.field_writes = sim_flag(args, "write");
}

static bool check_is_open(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.field || sim_fail(error, LU_ERROR_USAGE, "field: it is not open");
}

static bool check_writes(struct sim *sim, const json_t *args, GError **error)
{
	return (sim->kernel.field && sim->kernel.field_writes) ||
	       sim_fail(error, LU_ERROR_FAILED, "field.change: Read-only file system");
}

static void close_disk(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.field = false;
	sim->field.stale = false;
}

static void list(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_auto_t *found = sim_field_list(sim, sim->field.stale);

	json_object_update(reply, found);
}

static void change(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->field.changed = true;
}

static void use(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->field.used = true;
	sim->field.unsound |= sim->field.stale;
}

/* Estimates, assumed to be the same on every machine. */
static const struct lu_sim_cost costs[] = {
	{"field.open", 15 * LU_SIM_MS}, {"field.close", 10 * LU_SIM_MS},
	{"field.list", 40 * LU_SIM_MS}, {"field.change", 25 * LU_SIM_MS},
	{"field.use", 25 * LU_SIM_MS},	{},
};

const struct lu_sim_verbs lu_sim_verbs_field = {
	.costs = costs,
	.verbs =
		{
			{"field.open", check_open, .apply = open_disk},
			{"field.close", .apply = close_disk},
			{"field.list", check_is_open, .apply = list},
			{"field.change", check_writes, .apply = change},
			{"field.use", check_is_open, .apply = use},
			{},
		},
};
