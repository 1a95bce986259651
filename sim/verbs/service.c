/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of the service: start, stop, freeze and thaw. */
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool check_start(struct sim *sim, const json_t *args, GError **error)
{
	if (!json_array_size(json_object_get(args, "argv")))
		return sim_fail(error, LU_ERROR_USAGE, "service.start: argv must name a program");
	if (sim->kernel.service != SIM_NONE)
		return sim_fail(error, LU_ERROR_USAGE, "service.start: a service runs already");
	if (sim_has_files(sim) && sim->kernel.data != SIM_DATA_OPEN)
		return sim_fail(error, LU_ERROR_FAILED,
				"service.start: it ended with status 0x100");
	return true;
}

/* Its state is in a file in memory, or on the data disk; NULL: there is none. */
static void *take_saved(struct sim *sim)
{
	bool mounted = sim->kernel.data == SIM_DATA_OPEN;

	return sim->kernel.saved ? g_steal_pointer(&sim->kernel.saved)
	       : mounted	 ? g_steal_pointer(&sim->disk.saved)
				 : NULL;
}

/* With the files that it left, if there are any. */
static void *begin_service(struct sim *sim)
{
	const struct lu_plan *plan = sim->plan;
	const struct lu_service_model *model = plan->workload->model;
	void *service = g_steal_pointer(&sim->disk.service), *saved = take_saved(sim);

	if (saved) {
		/* The devices' contents are not those that it left. */
		if (sim->kernel.blank)
			model->damage(saved, "lose-write");
		return saved;
	}
	if (!service)
		return model->new (plan->workload_params, plan->seed);
	model->restart(service);
	return service;
}

static void start(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_end_service(sim);
	sim->service = begin_service(sim);
	if (sim->plan->workload->versions)
		sim->plan->workload->model->become(
			sim->service, sim->plan->workload->versions[sim_version(args) - 1]);
	sim_tell_versions(sim);
	sim->disk.unheld = false;
	sim->kernel.service = SIM_RUNNING;
	sim->kernel.time_namespace = false;
	sim->kernel.ahead_ns = 0;
	sim_put_ns(reply, "start_ns", cost_ns);
}

static bool check_stop(struct sim *sim, const json_t *args, GError **error)
{
	const struct lu_workload *workload = sim->plan->workload;

	return !sim_flag(args, "save") || workload->versions || workload->saves ||
	       sim->plan->needs->state_file ||
	       sim_fail(error, LU_ERROR_FAILED,
			"service.stop: it ended with status 0xf instead of saving its state");
}

static void stop(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim_flag(args, "save") && sim->plan->needs->state_file)
		sim->disk.saved = g_steal_pointer(&sim->service);
	else if (sim_flag(args, "save"))
		sim->kernel.saved = g_steal_pointer(&sim->service);
	sim_end_service(sim);
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, sim->kernel.net && !sim->kernel.locked,
				       sim->now_ns);
}

static bool check_service(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.service != SIM_NONE ||
	       sim_fail(error, LU_ERROR_FAILED, "no service runs");
}

static void freeze(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.service = SIM_STOPPED;
	sim_put_ns(reply, "freeze_ns", cost_ns);
}

static void thaw(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_thaw(sim);
}

static void tell_status(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	static const char *const names[] = {"none", "running", "stopped"};

	json_object_set_new(reply, "state", json_string(names[sim->kernel.service]));
	json_object_set_new(reply, "pid", json_integer(sim->kernel.service ? 10000 : 0));
	if (sim->kernel.service)
		json_object_set_new(reply, "descriptors", json_integer(SIM_DESCRIPTORS));
}

const struct lu_sim_verbs lu_sim_verbs_service = {
	.verbs =
		{
			{"service.start", check_start, .apply = start},
			{"service.stop", check_stop, .apply = stop},
			{"service.freeze", check_service, .apply = freeze},
			{"service.thaw", .apply = thaw},
			{"service.status", .cost = sim_no_cost, .apply = tell_status},
			{},
		},
};
