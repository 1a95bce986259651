/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a verb and running it. */
#include "sim/call.h"
#include "record/error.h"
#include "sim/clock.h"
#include "sim/load.h"
#include "sim/memory.h"
#include "sim/seats.h"

const struct sim_verb *sim_verb_find(const char *name, GError **error)
{
	for (const struct lu_sim_verbs *const *family = lu_sim_verbs; *family; family++)
		for (const struct sim_verb *verb = (*family)->verbs; verb->name; verb++)
			if (g_str_equal(verb->name, name))
				return verb;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' is not a verb of the simulated agent",
		    name);
	return NULL;
}

void sim_verb_costs(struct lu_sim_costs *costs)
{
	for (const struct lu_sim_verbs *const *family = lu_sim_verbs; *family; family++)
		if ((*family)->costs)
			lu_sim_costs_add(costs, (*family)->costs);
}

static bool run_step(struct sim *sim, const struct sim_verb *verb, const json_t *args,
		     int64_t timeout_ns, json_t *reply, GError **error)
{
	int64_t cost;

	if (!sim_alive(sim, verb->name, error))
		return false;
	if (sim->machine == SIM_ON && verb->check && !verb->check(sim, args, error))
		return false;
	cost = verb->cost ? verb->cost(sim, args) : sim_cost(sim, verb->name);
	if (sim->machine == SIM_ON && verb->begin)
		verb->begin(sim, args);
	if (!sim_spend(sim, verb->name, cost, timeout_ns, error)) {
		if (verb->failed)
			verb->failed(sim);
		sim_serve(sim);
		return false;
	}
	if (verb->apply)
		verb->apply(sim, args, cost, reply);
	sim_update_memory(sim);
	sim_serve(sim);
	return true;
}

/* A jump is answered by the next kernel's hello, so it is not a call. */
static bool run(struct sim *sim, const struct sim_verb *verb, const json_t *args,
		int64_t timeout_ns, json_t *reply, GError **error)
{
	if (verb->jumps && verb->jumps(args)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' starts the next kernel",
			    verb->name);
		return false;
	}
	return verb->run ? verb->run(sim, args, timeout_ns, reply, error)
			 : run_step(sim, verb, args, timeout_ns, reply, error);
}

bool sim_call(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      json_t **reply, GError **error)
{
	struct sim *sim = SIM(guest);
	const struct sim_verb *verb = sim_verb_find(name, error);
	json_auto_t *given = args, *result = json_object();
	int seat = verb ? sim_seat_of(sim, sim_text(given, "service"), error) : -1;
	bool ok;

	if (seat < 0)
		return false;
	sim_look_at(sim, (unsigned)seat);
	ok = run(sim, verb, given, timeout_ns, result, error);
	sim_look_at(sim, 0);

	if (ok && reply)
		*reply = json_incref(result);
	return ok;
}
