/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/warm/app.h"
#include "model/bringup.h"
#include "model/workload.h"
#include "record/error.h"
#include "strategies/kit/preflight.h"

/* On the data disk (agent verb data.open). */
#define DIR  "/data"
#define FILE DIR "/service.state"

static const struct lu_component *component_of(const struct lu_plan *plan)
{
	return plan->workload->kmods ? plan->workload->component : NULL;
}

bool lu_warm_app_possible(const struct lu_plan *plan, GError **error)
{
	const struct lu_workload *workload = plan->workload;
	const struct lu_component *component = workload->component;

	if (!workload->saving)
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "state=app: the service of workload %s does not save its state to a "
			    "file that it is told",
			    workload->name);
	else if (workload->kmods && !(component && component->devices))
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "state=app: user space cannot read and write the state of the kernel "
			    "modules of workload %s",
			    workload->name);
	else
		return true;
	return false;
}

/* Twice: a service writes the file anew beside the one from which it started. */
void lu_warm_app_needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	uint64_t state = plan->workload->state_bytes(plan->workload_params) >> 20;
	unsigned given = (unsigned)lu_param_int(plan->strategy_params, "store_mb");

	needs->data_mb = given ? given : (unsigned)(state + state / 4) * 2 + 64;
	needs->state_file = FILE;
}

/* What it saves is no more than its memory. */
bool lu_warm_app_preflight(struct lu_run *run, GError **error)
{
	const struct lu_preflight_room room = {
		.copies = 1,
		.where = LU_PREFLIGHT_DATA,
		.raise = "store_mb",
		.now_mb = run->plan->needs->data_mb,
	};

	return lu_preflight_has_room(run, &room, error);
}

/* Nothing to do where the workload has no component. */
static bool copy_devices(struct lu_run *run, const char *verb, GError **error)
{
	const struct lu_component *component = component_of(run->plan);
	json_auto_t *reply = NULL;
	json_t *names;

	if (!component)
		return true;
	names = json_array();
	for (size_t i = 0; i < LU_COMPONENT_INSTANCES; i++)
		json_array_append_new(names, json_string(component->instances[i]));
	if (!lu_run_call(run, verb, json_pack("{s:o, s:s}", "names", names, "dir", DIR), &reply,
			 error))
		return false;
	lu_run_claims(run, "devices", reply);
	return true;
}

bool lu_warm_app_save(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.stop", json_pack("{s:b}", "save", 1), NULL, error) &&
	       copy_devices(run, "devices.save", error) &&
	       lu_run_call(run, "data.close", NULL, NULL, error);
}

bool lu_warm_app_bring_up(struct lu_run *run, GError **error)
{
	return lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_bringup_kmods(run->guest, run->plan, run->deadline_ns, error) &&
	       copy_devices(run, "devices.load", error);
}

bool lu_warm_app_start(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_bringup_version(run->guest, run->plan, true, run->deadline_ns, &reply, error))
		return false;
	lu_run_claims(run, "service", reply);
	return true;
}
