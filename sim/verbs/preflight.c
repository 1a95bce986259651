/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be known of the service before it is frozen, and the room for its checkpoint. */
#include "record/error.h"
#include "model/machine.h"
#include "model/strategy.h"
#include "sim/clock.h"
#include "sim/memory.h"
#include "sim/seats.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool check(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.service != SIM_NONE ||
	       sim_fail(error, LU_ERROR_FAILED, "preflight: no service runs");
}

static int64_t cost(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, sim_flag(args, "late") ? "preflight:late" : "preflight");
}

static void look(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_t *findings = json_array();
	g_autoptr(GError) why = NULL;

	/* a pidfd, which no process opens late */
	if (!sim_flag(args, "late") && !sim_dumpable(sim, &why))
		json_array_append_new(
			findings,
			json_pack("{s:s, s:s, s:s}", "rule", "file-kind", "fate", "refused", "what",
				  "process 10000 (service): descriptor 3, anon_inode:[pidfd]: CRIU "
				  "does not know this kind of file"));
	json_object_set_new(reply, "findings", findings);
	json_object_set_new(reply, "more", json_integer(0));
	sim_put_ns(reply, "look_ns", cost_ns);
	if (!sim_flag(args, "late"))
		json_object_set_new(reply, "state_bytes",
				    json_integer((int64_t)sim_state_bytes(sim)));
}

static bool check_room(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.store ||
	       sim_fail(error, LU_ERROR_REFUSED, "store.room: the store is not open");
}

static void tell_room(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_object_set_new(reply, "total_bytes", json_integer(sim_store_total(sim)));
	json_object_set_new(reply, "free_bytes", json_integer(sim_store_free(sim)));
}

/* The estimates of a service of some hundred descriptors under TCG. */
static const struct lu_sim_cost costs[] = {
	{"preflight", 20 * LU_SIM_MS, 0.1},
	{"preflight:late", 5 * LU_SIM_MS},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_preflight = {
	.costs = costs,
	.verbs =
		{
			{"preflight", check, cost, .apply = look},
			{"store.room", check_room, sim_no_cost, .apply = tell_room},
			{},
		},
};
