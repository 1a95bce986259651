/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks as the service sees them. */
#include "record/error.h"
#include "sim/clock.h"
#include "sim/verb.h"

static bool check_service(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.service != SIM_NONE ||
	       sim_fail(error, LU_ERROR_FAILED, "service.clocks: no service runs");
}

/* It is read outside of the upgrade, whose course must not depend on it. */
static int64_t no_time(struct sim *sim, const json_t *args)
{
	return 0;
}

/* The machine never sleeps: both clocks are the same. */
static void clocks(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_put_ns(reply, "monotonic_ns", sim_service_monotonic(sim));
	sim_put_ns(reply, "boottime_ns", sim_service_monotonic(sim));
	sim_put_ns(reply, "realtime_ns", sim->now_ns + sim->kernel.wall_ns);
	json_object_set_new(reply, "own", json_boolean(sim->kernel.time_namespace));
}

static const struct lu_sim_cost costs[] = {
	{"service.clocks", 0},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_clocks = {
	.costs = costs,
	.verbs =
		{
			{"service.clocks", check_service, .cost = no_time, .apply = clocks},
			{},
		},
};
