/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotswap: one instance of a kernel component gets another implementation while it is being called.
 *
 * Mechanism: PREPARE loads the module with the new version beside the old one. PRESERVE closes the
 * instance's gate, waits until no call is inside the old code (quiescence), lets the old version
 * give its state and the new one take it, and opens the gate for those who waited; it is undone by
 * the same move backwards. SWITCH looks at what each instance has now, and that the kernel has not
 * complained. FINISH unloads the old code, if no other instance has it. Assumes: a component made
 * for it (agent/kmod), and for counter and rcu that its calls were tracked from the start.
 * Blackout: calls on that instance wait from the closing of the gate to its opening; nothing else
 * stands still.
 */
#include <inttypes.h>
#include "core/error.h"
#include "iface/bringup.h"
#include "iface/strategy.h"
#include "iface/workload.h"

static const char *const quiescences[] = {"counter", "rcu", "stack", "none", NULL};
static const char *const components[] = {"block", NULL};
static const char *const versions[] = {"v2", "v3", NULL};

static const struct lu_param params[] = {
	{"component", LU_PARAM_CHOICE, "block", 0, 0, components, "what is swapped"},
	{"instance", LU_PARAM_INT, "0", 0, 1, NULL, "which of its instances; the other stays"},
	{"to", LU_PARAM_CHOICE, "v2", 0, 0, versions, "its new version; the old one is v1"},
	{"quiescence", LU_PARAM_CHOICE, "counter", 0, 0, quiescences,
	 "how it is known that no call is inside: per-CPU counters, SRCU, a look at all stacks, or "
	 "not at all (unsafe)"},
	{"swaps", LU_PARAM_INT, "1", 1, 100001, NULL,
	 "moves, there and back in turn; odd, so that the last one is there"},
	{"every_ms", LU_PARAM_INT, "0", 0, 60000, NULL,
	 "from the beginning of a move to that of the next, ms; 0: at once"},
	{"limit_ms", LU_PARAM_INT, "5000", 1, 600000, NULL,
	 "how long quiescence may take before the instance goes on as it was, ms"},
	{},
};

/* The disks of component block; a table when there are more components. */
static char *instance_name(const struct lu_plan *plan, int64_t instance)
{
	return g_strdup_printf("lublk%" PRId64, instance);
}

static char *module_name(const struct lu_plan *plan, const char *version)
{
	return g_strdup_printf("lu_%s_%s", lu_param_str(plan->strategy_params, "component"),
			       version);
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const char *component = lu_param_str(plan->strategy_params, "component");
	g_autofree char *module = module_name(plan, "v1");

	if (!plan->workload->kmods || !g_strv_contains(plan->workload->kmods, module)) {
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s has no component %s that could be swapped: "
			    "--workload=block has",
			    plan->workload->name, component);
		return false;
	}
	if (lu_param_int(plan->strategy_params, "swaps") % 2)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "swaps=%" PRId64 " would end where it began: an odd number is wanted",
		    lu_param_int(plan->strategy_params, "swaps"));
	return false;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	const char *how = lu_param_str(plan->strategy_params, "quiescence");
	g_autofree char *module = module_name(plan, lu_param_str(plan->strategy_params, "to"));

	if (g_str_equal(how, "counter"))
		lu_needs_kmod(needs, "lu_swap", "track=counter");
	else if (g_str_equal(how, "rcu"))
		lu_needs_kmod(needs, "lu_swap", "track=rcu");
	lu_needs_kmod(needs, module, NULL);
}

static json_t *feature_args(const struct lu_plan *plan, const char *version)
{
	g_autofree char *module = module_name(plan, version);

	return json_pack("{s:[s]}", "features", module);
}

static bool load(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	const char *to = lu_param_str(run->params, "to");

	if (!lu_run_call(run, "modules", feature_args(run->plan, to), &reply, error))
		return false;
	lu_run_claims(run, "modules", reply);
	return true;
}

static bool unload(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "modules.drop",
			   feature_args(run->plan, lu_param_str(run->params, "to")), NULL, error);
}

static json_t *swap_args(struct lu_run *run, const char *to)
{
	g_autofree char *instance = instance_name(run->plan, lu_param_int(run->params, "instance"));

	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "instance", instance, "to", to,
			 "back", "v1", "quiescence", lu_param_str(run->params, "quiescence"),
			 "limit_ms", (json_int_t)lu_param_int(run->params, "limit_ms"), "times",
			 (json_int_t)lu_param_int(run->params, "swaps"), "every_ms",
			 (json_int_t)lu_param_int(run->params, "every_ms"));
}

static bool move(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *args = swap_args(run, lu_param_str(run->params, "to"));

	if (!lu_run_call(run, "swap", args, &reply, error))
		return false;
	lu_run_claims(run, "swap", reply);
	return true;
}

static bool move_back(struct lu_run *run, GError **error)
{
	json_t *args = swap_args(run, "v1");

	json_object_set_new(args, "times", json_integer(1));
	return lu_run_call(run, "swap.back", args, NULL, error);
}

static bool has_version(struct lu_run *run, const json_t *state, int64_t i, GError **error)
{
	g_autofree char *name = instance_name(run->plan, i);
	bool moved = i == lu_param_int(run->params, "instance");
	const char *due = moved ? lu_param_str(run->params, "to") : "v1";
	const char *is =
		json_string_value(json_object_get(json_object_get(state, "versions"), name));

	if (!g_strcmp0(is, due))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s has version %s, should have %s", name,
		    is ?: "none", due);
	return false;
}

static bool confirm(struct lu_run *run, GError **error)
{
	json_auto_t *state = NULL;

	if (!lu_run_call(run, "swap.state", NULL, &state, error))
		return false;
	if (json_is_true(json_object_get(state, "warned"))) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "the kernel has warned since it was started");
		return false;
	}
	return has_version(run, state, 0, error) && has_version(run, state, 1, error);
}

static bool drop_old(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "modules.drop", feature_args(run->plan, "v1"), &reply, error))
		return false;
	lu_run_note(run, "old-code",
		    json_array_size(json_object_get(reply, "kept")) ? "stays: still in use"
								    : "unloaded");
	return true;
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "load the new version's module", load, unload},
	{LU_PRESERVE, "swap the instance, with its state", move, move_back},
	{LU_SWITCH, "see that it and nothing else was swapped", confirm},
	{LU_FINISH, "unload the old version's module", drop_old},
	{},
};

static const char *const updates[] = {"module", NULL};

const struct lu_strategy lu_strategy_hotswap = {
	.name = "hotswap",
	.summary = "another implementation for one instance of a kernel component, under load",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.switches = false, /* the kernel stays; the component's versions are in the replies */
	.check = check,
	.needs = needs,
};
