/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reload: what is done today with a module: stop its users, unload it, load the next
 * one, start them again.
 *
 * Mechanism: the service ends, so that no process has the component's devices open any more; its
 * module and that of the old version are unloaded, the new version's is loaded in their place; the
 * service starts. What the component held in memory is lost, with both instances. With state=copy
 * the service is asked to save its state when it ends, the devices' contents are copied into files
 * in memory, and both are restored: the new version never sees the old layout. Assumes: a service
 * that can be stopped; for state=copy one that saves its state, and devices through which the
 * component's can be read and written. Connections are lost either way, so the oracles on them are
 * waived. The service's end is part of SWITCH, as with restart. Blackout: begins when the service
 * is asked to end, ends when it listens again and the clients have reconnected.
 */
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "strategies/kit/swap-state.h"
#include "model/workload.h"

/* Users of the module, such as network namespaces, may be cleaned up after
 * the service has ended. */
#define USERS_END_MS 5000

static const char *const states[] = {"drop", "copy", NULL};

static const struct lu_param params[] = {
	{"to", LU_PARAM_NAME, LU_COMPONENT_NEXT, 0, 0, NULL, "the component's new version"},
	{"state", LU_PARAM_CHOICE, "drop", 0, 0, states,
	 "what happens to the state: lost, or copied out and in again by user space"},
	{},
};

static bool copies(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "state"), "copy");
}

static const char *to_of(const struct lu_plan *plan)
{
	return lu_plan_version(plan, lu_param_str(plan->strategy_params, "to"));
}

/* What is loaded by an upgrade there, or back; the other one is unloaded. */
static const char *version_of(const struct lu_plan *plan, bool back)
{
	return back ? plan->workload->component->versions[0] : to_of(plan);
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;
	const char *to = to_of(plan);

	if (!component)
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s uses no component of the kernel that can be "
			    "reloaded",
			    plan->workload->name);
	else if (!lu_component_has(component, to))
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "component %s has no version %s",
			    component->name, to);
	else if (!copies(plan) || (component->devices && plan->workload->saves))
		return true;
	else
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "state=copy: user space cannot read and write the state of component "
			    "%s with workload %s",
			    component->name, plan->workload->name);
	return false;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autofree char *words = NULL;
	g_auto(GStrv) modules =
		lu_component_modules(plan->workload->component, to_of(plan), &words);

	for (size_t i = 0; modules[i]; i++)
		lu_needs_kmod(needs, modules[i], NULL);
	if (copies(plan))
		needs->spare_mb =
			(unsigned)(plan->workload->state_bytes(plan->workload_params) >> 20);
}

static const struct lu_component *component_of(const struct lu_run *run)
{
	return run->plan->workload->component;
}

static json_t *device_args(const struct lu_run *run)
{
	json_t *names = json_array();

	for (size_t i = 0; i < LU_COMPONENT_INSTANCES; i++)
		json_array_append_new(names, json_string(component_of(run)->instances[i]));
	return json_pack("{s:o}", "names", names);
}

static bool stop(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.stop", json_pack("{s:b}", "save", (int)copies(run->plan)),
			   NULL, error);
}

static bool copy(struct lu_run *run, const char *verb, GError **error)
{
	json_auto_t *reply = NULL;

	if (!copies(run->plan))
		return true;
	if (!lu_run_call(run, verb, device_args(run), &reply, error))
		return false;
	lu_run_claims(run, "devices", reply);
	return true;
}

static bool copy_out(struct lu_run *run, GError **error)
{
	return copy(run, "devices.save", error);
}

static bool copy_in(struct lu_run *run, GError **error)
{
	return copy(run, "devices.load", error);
}

/* The module with the instances first, since it uses the version's module. */
static bool unload(struct lu_run *run, GError **error)
{
	g_autofree char *words = NULL;
	g_auto(GStrv) modules =
		lu_component_modules(component_of(run), version_of(run->plan, !run->back), &words);
	json_auto_t *reply = NULL;
	json_t *args = json_pack("{s:[s, s], s:i}", "features", modules[1], modules[0], "wait_ms",
				 USERS_END_MS);

	if (!lu_run_call(run, "modules.drop", args, &reply, error))
		return false;
	if (!json_array_size(json_object_get(reply, "kept")))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "module %s is still in use",
		    json_string_value(json_array_get(json_object_get(reply, "kept"), 0)));
	return false;
}

/* The version's first: the driver uses it. */
static bool load(struct lu_run *run, GError **error)
{
	g_autofree char *words = NULL;
	g_auto(GStrv) modules =
		lu_component_modules(component_of(run), version_of(run->plan, run->back), &words);
	json_auto_t *reply = NULL;
	json_t *args = json_pack("{s:[s, s], s:{s:s*}}", "features", modules[0], modules[1],
				 "params", modules[1], words);

	if (!lu_run_call(run, "modules", args, &reply, error))
		return false;
	lu_run_claims(run, "modules", reply);
	return true;
}

static bool start(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_bringup_version(run->guest, run->plan, false, run->deadline_ns, &reply, error))
		return false;
	lu_run_claims(run, "service", reply);
	return true;
}

static bool confirm(struct lu_run *run, GError **error)
{
	return lu_run_swap_state(run, NULL, error);
}

static const char *instance_version(const struct lu_plan *plan, unsigned instance, unsigned cycle)
{
	return lu_component_called(plan->workload->component, version_of(plan, cycle % 2));
}

static const struct lu_phase phases[] = {
	{LU_SWITCH, "stop the service", stop},
	{LU_SWITCH, "copy out the devices' contents", copy_out},
	{LU_SWITCH, "unload the old version", unload},
	{LU_RESTORE, "load the new version", load},
	{LU_RESTORE, "copy the contents back in", copy_in},
	{LU_RESUME, "start the service", start},
	{LU_FINISH, "check the kernel's log for warnings", confirm},
	{},
};

static const char *const updates[] = {"module", NULL};

const struct lu_strategy lu_strategy_reload = {
	.name = "reload",
	.summary = "stop the users of a kernel module, unload it, load the next: the baseline",
	.params = params,
	.phases = phases,
	.updates = updates,
	.workload = "block",
	.keeps_state = false,
	.repeats = true,
	/* the kernel does not change; the component's versions are in the replies */
	.switches = false,
	.check = check,
	.needs = needs,
	.instance_version = instance_version,
};
