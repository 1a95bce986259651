/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * livepatch: functions of a running kernel component are replaced, one task after another.
 *
 * Mechanism: PRESERVE loads a module that is a live patch (kmod/COMPONENT/lp-PATCH.c). The kernel
 * redirects a task's calls of the patched functions to the new ones as soon as none of the old ones
 * is on its stack (its consistency model), and PRESERVE ends when that is true of all tasks; the
 * undo is the same transition backwards. Nothing is loaded ahead, for loading starts the
 * transition. SWITCH checks that the kernel has logged no warning.
 * Assumes: a kernel with CONFIG_LIVEPATCH, functions that can be traced, and state whose layout
 * does not change: an update that changes it is refused, unless the patch keeps what is new in
 * shadow variables. A patch changes code, so all instances get it.
 * Blackout: none is intended; no caller waits for the transition, but calls go through the tracer's
 * trampoline from then on.
 */
#include "record/error.h"
#include "model/strategy.h"
#include "strategies/kit/swap-state.h"
#include "model/workload.h"

static const struct lu_param params[] = {
	{"to", LU_PARAM_NAME, LU_COMPONENT_PATCH, 0, 0, NULL, "the component's patch"},
	{"limit_ms", LU_PARAM_INT, "15000", 1, 600000, NULL,
	 "how long the transition may take before it is reversed, ms"},
	{},
};

static const char *to_of(const struct lu_plan *plan)
{
	return lu_plan_version(plan, lu_param_str(plan->strategy_params, "to"));
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;

	if (!json_object_get(plan->machine->features, "livepatch")) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the kernels of machine %s are built without CONFIG_LIVEPATCH",
			    plan->machine->name);
		return false;
	}
	if (component && lu_component_has_patch(component, to_of(plan)))
		return true;
	if (!component)
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s uses no component of the kernel that can be patched",
			    plan->workload->name);
	else if (lu_component_has(component, to_of(plan)))
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "version %s of component %s has another state layout, and a "
			    "live patch replaces functions only",
			    to_of(plan), component->name);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "component %s has no live patch %s",
			    component->name, to_of(plan));
	return false;
}

static char *patch_of(const struct lu_plan *plan)
{
	return lu_component_patch(plan->workload->component, to_of(plan));
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autofree char *patch = patch_of(plan);

	lu_needs_kmod(needs, patch, NULL);
}

static json_t *args_of(struct lu_run *run)
{
	g_autofree char *patch = patch_of(run->plan);

	return json_pack("{s:s, s:I}", "patch", patch, "limit_ms",
			 (json_int_t)lu_param_int(run->params, "limit_ms"));
}

static bool apply(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "livepatch.apply", args_of(run), &reply, error))
		return false;
	lu_run_claims(run, "livepatch", reply);
	return true;
}

static bool undo(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "livepatch.undo", args_of(run), NULL, error);
}

static bool confirm(struct lu_run *run, GError **error)
{
	return lu_run_swap_state(run, NULL, error);
}

/* A patch changes code, and both instances have the same. */
static const char *instance_version(const struct lu_plan *plan, unsigned instance)
{
	return lu_component_patched(plan->workload->component, to_of(plan));
}

static const struct lu_phase phases[] = {
	{LU_PRESERVE, "load the patch and wait for all tasks' transition", apply, undo},
	{LU_SWITCH, "check the kernel's log for warnings", confirm},
	{},
};

static const char *const updates[] = {"module", NULL};

const struct lu_strategy lu_strategy_livepatch = {
	.name = "livepatch",
	.summary = "replaces functions of a running kernel component by the kernel's own live "
		   "patching",
	.params = params,
	.phases = phases,
	.updates = updates,
	.workload = "block",
	.keeps_state = true,
	/* the kernel does not change; what each instance runs is in the replies */
	.switches = false,
	.check = check,
	.needs = needs,
	.instance_version = instance_version,
};
