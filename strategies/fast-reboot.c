/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fast-reboot: reboot by kexec: what cold does, without the firmware.
 *
 * Mechanism: PREPARE loads the next kernel into memory while the service answers. The service is
 * paused, then ended, its disk written back, and the running kernel jumps into the next one, which
 * is brought up as after any boot. to=v2 also brings another version of the kernel component that
 * the workload uses, as a release with a changed driver would.
 * Assumes: a machine with kexec; the state that service and kernel hold in memory and all
 * connections are lost, as with cold, so the oracles on them are waived, with evidence. Ending the
 * service is therefore part of SWITCH.
 * Blackout: begins when the service is paused, ends when the new one listens and the
 * clients have reconnected.
 */
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "strategies/kit/next-kernel.h"
#include "strategies/kit/running.h"

static const struct lu_param params[] = {
	LU_PARAMS_NEXT_KERNEL,
	{"to", LU_PARAM_NAME, "v1", 0, 0, NULL,
	 "version of the workload's kernel component that comes with the next kernel"},
	{},
};

static const char *to_of(const struct lu_plan *plan)
{
	return lu_plan_version(plan, lu_param_str(plan->strategy_params, "to"));
}

static bool changes_component(const struct lu_plan *plan)
{
	const struct lu_component *component = plan->workload->component;

	return component && !g_str_equal(to_of(plan), component->versions[0]);
}

/* Without a component there is nothing to choose. */
static bool check_version(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;

	if (component ? lu_component_has(component, to_of(plan)) : g_str_equal(to_of(plan), "v1"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "to=%s: workload %s uses no component with that version", to_of(plan),
		    plan->workload->name);
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	struct lu_next_kernel choice;

	return check_version(plan, error) && lu_next_kernel_choose(plan, &choice, error);
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autofree char *words = NULL;
	g_auto(GStrv) modules = NULL;

	lu_next_kernel_needs(plan, needs);
	if (!changes_component(plan))
		return;
	modules = lu_component_modules(plan->workload->component, to_of(plan), &words);
	for (size_t i = 0; modules[i]; i++)
		lu_needs_kmod(needs, modules[i], NULL);
}

/* The release before it had the component's first version. */
static const char *instance_version(const struct lu_plan *plan, unsigned instance, unsigned cycle)
{
	const struct lu_component *component = plan->workload->component;

	return !changes_component(plan) ? NULL
	       : cycle % 2		? component->versions[0]
					: lu_component_called(component, to_of(plan));
}

/* The next release comes on a block device. */
static bool stage(struct lu_run *run, GError **error)
{
	static const char *const features[] = {"block", NULL};

	if (json_object_get(run->plan->machine->features, features[0]) &&
	    !lu_bringup_modules(run->guest, features, run->deadline_ns, NULL, error))
		return false;
	return lu_next_kernel_stage(run, error);
}

static bool stop(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.stop", NULL, NULL, error) &&
	       lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error);
}

static bool bring_up(struct lu_run *run, GError **error)
{
	return lu_bringup_as(run->guest, run->plan,
			     changes_component(run->plan) && !run->back ? to_of(run->plan) : NULL,
			     run->deadline_ns, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "stage the next release", stage, lu_next_kernel_unstage},
	{LU_PREPARE, "load the next kernel", lu_next_kernel_load, lu_next_kernel_unload},
	{LU_FREEZE, "pause the service", lu_service_hold, lu_service_go_on},
	{LU_SWITCH, "stop the service", stop},
	{LU_SWITCH, "jump into the next kernel", lu_next_kernel_jump},
	{LU_RESTORE, "bring up devices and service", bring_up},
	{LU_RESUME, "check that the service runs", lu_service_runs},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_fast_reboot = {
	.name = "fast-reboot",
	.summary = "reboot by kexec, state lost: the baseline without firmware",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = false,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
	.instance_version = instance_version,
};
