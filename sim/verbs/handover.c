/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of a handover between two versions of the application
 * (docs/reference/handover-protocol.md). */
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool at(struct sim *sim, enum sim_handover step, const char *message, GError **error)
{
	return sim->kernel.handover == step || sim_fail(error, LU_ERROR_USAGE, message);
}

static bool check_begin(struct sim *sim, const json_t *args, GError **error)
{
	if (sim->kernel.handover != SIM_ALONE)
		return sim_fail(error, LU_ERROR_USAGE,
				"handover.begin: a handover is in progress already");
	if (sim->kernel.service != SIM_RUNNING)
		return sim_fail(error, LU_ERROR_FAILED, "handover.begin: no service runs");
	if (!sim->plan->workload->versions)
		return sim_fail(error, LU_ERROR_FAILED,
				"handover.begin: the new version ended with status 2");
	return true;
}

static void begin(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.handover = SIM_BESIDE;
	sim->kernel.state_copied = false;
	sim->kernel.next_version = sim_version(args);
	sim_put_ns(reply, "begin_ns", cost_ns);
}

static bool check_copy(struct sim *sim, const json_t *args, GError **error)
{
	return at(sim, SIM_BESIDE, "handover.copy: no handover is in progress", error);
}

static int64_t rounds_of(const json_t *args)
{
	return json_integer_value(json_object_get(args, "rounds"));
}

static int64_t cost_copy(struct sim *sim, const json_t *args)
{
	int64_t rounds = rounds_of(args);

	return rounds ? sim_cost(sim, "handover.copy") +
				(rounds - 1) * sim_cost(sim, "handover.copy:again")
		      : 0;
}

static void copy(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.state_copied |= rounds_of(args) > 0;
	json_object_set_new(reply, "rounds", json_integer(rounds_of(args)));
	sim_put_ns(reply, "copy_ns", cost_ns);
}

static bool check_stand(struct sim *sim, const json_t *args, GError **error)
{
	return at(sim, SIM_BESIDE, "handover.stand: no handover is in progress", error);
}

static void stand(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.handover = SIM_STANDS;
	sim->kernel.service = SIM_STOPPED;
	sim_put_ns(reply, "stand_ns", cost_ns);
}

static bool check_rest(struct sim *sim, const json_t *args, GError **error)
{
	return at(sim, SIM_STANDS, "handover.rest: the service is not paused", error);
}

static int64_t cost_rest(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, sim->kernel.state_copied ? "handover.rest" : "handover.copy");
}

static void rest(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.handover = SIM_HANDED;
	sim_put_ns(reply, "rest_ns", cost_ns);
}

static bool check_take(struct sim *sim, const json_t *args, GError **error)
{
	return at(sim, SIM_HANDED, "handover.take: nothing has been handed over yet", error);
}

static void take(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	const struct lu_service_model *model = sim->plan->workload->model;

	sim->kernel.handover = SIM_TAKEN;
	sim->kernel.service = SIM_RUNNING;
	model->become(sim->service, sim->plan->workload->versions[sim->kernel.next_version - 1]);
	if (sim->damage && model->damage)
		model->damage(sim->service, sim->damage);
	json_object_set_new(reply, "version", json_integer(sim->kernel.next_version));
	sim_put_ns(reply, "take_ns", cost_ns);
}

static bool check_end(struct sim *sim, const json_t *args, GError **error)
{
	return at(sim, SIM_TAKEN, "handover.end: nothing was taken over", error);
}

static void end(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.handover = SIM_ALONE;
	json_object_set_new(reply, "descriptors", json_integer(SIM_DESCRIPTORS));
	json_object_set_new(reply, "descriptors_before", json_integer(SIM_DESCRIPTORS));
	sim_put_ns(reply, "end_ns", cost_ns);
}

static bool check_abort(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.handover != SIM_TAKEN ||
	       sim_fail(error, LU_ERROR_USAGE,
			"handover.abort: the handover cannot be undone any more");
}

static void drop(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim->kernel.handover != SIM_ALONE && sim->kernel.handover != SIM_BESIDE)
		sim_thaw(sim);
	sim->kernel.handover = SIM_ALONE;
}

const struct lu_sim_verbs lu_sim_verbs_handover = {
	.verbs =
		{
			{"handover.begin", check_begin, .apply = begin},
			{"handover.copy", check_copy, cost_copy, .apply = copy},
			{"handover.stand", check_stand, .apply = stand},
			{"handover.rest", check_rest, cost_rest, .apply = rest},
			{"handover.take", check_take, .apply = take},
			{"handover.end", check_end, .apply = end},
			{"handover.abort", check_abort, .apply = drop},
			{},
		},
};
