/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/service.h"
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/verb.h"

bool sim_has_files(const struct sim *sim)
{
	return lu_workload_disk_mb(sim->plan->workload, sim->plan->workload_params) > 0;
}

void sim_end_service(struct sim *sim)
{
	const struct lu_service_model *model = sim->plan->workload->model;

	if (sim->service && model->restart)
		sim->disk.service = sim->service;
	else if (sim->service)
		model->free(sim->service);
	sim->service = NULL;
	sim->kernel.service = SIM_NONE;
}

static void spoil(struct sim *sim)
{
	if (sim->kernel.spoilt && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(sim->service, "corrupt");
	sim->kernel.spoilt = false;
}

void sim_thaw(struct sim *sim)
{
	if (sim->kernel.service == SIM_STOPPED)
		sim->kernel.service = SIM_RUNNING;
	spoil(sim);
}

void sim_tell_versions(struct sim *sim)
{
	const struct lu_service_model *model = sim->plan->workload->model;

	for (unsigned i = 0; sim->service && model->swapped && i < SIM_INSTANCES; i++)
		if (sim->kernel.version[i])
			model->swapped(sim->service, i, sim->kernel.version[i]);
}

bool sim_has_driver(const struct sim *sim)
{
	const struct lu_component *component = sim->plan->workload->component;

	for (size_t i = 0; component && component->versions[i]; i++) {
		g_autofree char *driver = lu_component_driver(component, component->versions[i]);

		if (g_hash_table_contains(sim->kernel.modules, driver))
			return true;
	}
	return false;
}

bool sim_dumpable(struct sim *sim, GError **error)
{
	if (!json_is_true(json_object_get(sim->plan->workload_params, "undumpable")))
		return true;
	return sim_fail(error, LU_ERROR_REFUSED,
			"Error (criu/files.c): the service holds a resource that cannot be dumped");
}

bool sim_restorable(struct sim *sim, bool buildid, GError **error)
{
	if (sim->kernel.service != SIM_NONE)
		return sim_fail(error, LU_ERROR_REFUSED, "restore: a service runs already");
	if (sim_has_files(sim) && sim->kernel.data != SIM_DATA_OPEN)
		return sim_fail(error, LU_ERROR_REFUSED,
				"Error (criu/files-reg.c): Can't open file data/…");
	if (sim->disk.unheld)
		return sim_fail(error, LU_ERROR_REFUSED,
				"Error (criu/files-reg.c): File data/… has bad size");
	if (sim->store.replaced && buildid)
		return sim_fail(error, LU_ERROR_REFUSED,
				"Error (criu/files-reg.c): File usr/… has bad build-ID");
	return !sim->store.obstacle || sim_fail(error, LU_ERROR_REFUSED, sim->store.obstacle);
}

static void restore_clocks(struct sim *sim)
{
	sim->kernel.ahead_ns = 0;
	sim->kernel.ahead_ns = sim->store.monotonic_ns - sim_service_monotonic(sim);
	sim->kernel.time_namespace = true;
}

void sim_restore_service(struct sim *sim, const json_t *args)
{
	if (sim->store.stale && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(sim->service, "lose-write");
	sim->kernel.service = sim->store.service;
	if (!json_is_false(json_object_get(args, "timens")))
		restore_clocks(sim);
	sim->kernel.spoilt = sim->store.damaged || sim->store.replaced;
	if (sim->kernel.service == SIM_RUNNING)
		spoil(sim);
	if (sim->peer)
		lu_peer_sockets_restored(sim->peer);
}
