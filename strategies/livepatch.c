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
	{"to", LU_PARAM_NAME, LU_COMPONENT_PATCH, 0, 0, NULL,
	 "the component's patch; with cycles several, one on top of another, as fix-crc"},
	{"limit_ms", LU_PARAM_INT, "15000", 1, 600000, NULL,
	 "how long the transition may take before it is reversed, ms"},
	{},
};

/* The patches, one for each upgrade; g_strfreev. */
static char **patches_of(const struct lu_plan *plan)
{
	char **patches = g_strsplit(lu_param_str(plan->strategy_params, "to"), "-", -1);

	for (char **patch = patches; *patch; patch++) {
		g_autofree char *word = *patch;

		*patch = g_strdup(lu_plan_version(plan, word));
	}
	return patches;
}

/* The patch of that upgrade; interned. */
static const char *to_of(const struct lu_plan *plan, unsigned cycle)
{
	g_auto(GStrv) patches = patches_of(plan);

	return g_intern_string(patches[MIN(cycle, g_strv_length(patches) - 1)]);
}

static bool check_patch(const struct lu_plan *plan, const char *to, GError **error)
{
	const struct lu_component *component = plan->workload->component;

	if (component && lu_component_has_patch(component, to))
		return true;
	if (!component)
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s uses no component of the kernel that can be patched",
			    plan->workload->name);
	else if (lu_component_has(component, to))
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "version %s of component %s has another state layout, and a "
			    "live patch replaces functions only",
			    to, component->name);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "component %s has no live patch %s",
			    component->name, to);
	return false;
}

static bool named_before(char **patches, unsigned at)
{
	bool before = false;

	for (unsigned i = 0; i < at; i++)
		before |= g_str_equal(patches[i], patches[at]);
	return before;
}

/* The kernel loads no module a second time: each upgrade takes another patch. */
static bool check_stack(const struct lu_plan *plan, char **patches, GError **error)
{
	unsigned n = g_strv_length(patches);

	for (unsigned i = 1; i < n; i++) {
		if (!named_before(patches, i))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "to: live patch %s is applied already; allowed: each once", patches[i]);
		return false;
	}
	if (n == plan->cycles)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "cycles: each upgrade applies a patch of its own on top of those before, and "
		    "parameter to names %u; allowed: %u",
		    n, n);
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	g_auto(GStrv) patches = patches_of(plan);

	if (!json_object_get(plan->machine->features, "livepatch")) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the kernels of machine %s are built without CONFIG_LIVEPATCH",
			    plan->machine->name);
		return false;
	}
	for (size_t i = 0; patches[i]; i++)
		if (!check_patch(plan, patches[i], error))
			return false;
	return check_stack(plan, patches, error);
}

static char *patch_of(const struct lu_plan *plan, unsigned cycle)
{
	return lu_component_patch(plan->workload->component, to_of(plan, cycle));
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	for (unsigned i = 0; i < plan->cycles; i++) {
		g_autofree char *patch = patch_of(plan, i);

		lu_needs_kmod(needs, patch, NULL);
	}
}

static json_t *args_of(struct lu_run *run)
{
	g_autofree char *patch = patch_of(run->plan, run->cycle);

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
static const char *instance_version(const struct lu_plan *plan, unsigned instance, unsigned cycle)
{
	return lu_component_patched(plan->workload->component, to_of(plan, cycle));
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
	.repeats = true,
	/* the kernel does not change; what each instance runs is in the replies */
	.switches = false,
	.check = check,
	.needs = needs,
	.instance_version = instance_version,
};
