/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotswap: replaces the implementation of one instance of a kernel component
 * while it is being called.
 *
 * Mechanism: PREPARE loads the module with the new version beside the old one. PRESERVE routes
 * calls through the switcher, closes its gate, waits until no call is inside the old code
 * (quiescence), has the old version export its state and the new one import it, opens the gate for
 * the calls that waited, and takes the switcher out again; the undo is the same swap backwards.
 * SWITCH checks which version each instance has now, and that the kernel has logged no warning.
 * FINISH unloads the old code, if no other instance uses it.
 * Assumes: a component made for it (kmod), which the workload uses.
 * Blackout: calls on that instance wait from the closing of the gate to its opening;
 * nothing else is paused.
 */
#include <inttypes.h>
#include <string.h>
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "strategies/kit/swap-state.h"
#include "model/workload.h"

#define COST_MODULE "lu_swap_cost"

static const char *const quiescences[] = {"counter", "rcu", "stack", "none", NULL};

static const char *const times_to_track[] = {"move", "always", NULL};

static const struct lu_param params[] = {
	{"component", LU_PARAM_NAME, "auto", 0, 0, NULL,
	 "component to swap; auto: the one that the workload uses"},
	{"instance", LU_PARAM_INT, "0", 0, 1, NULL,
	 "which of its instances; the other is left alone"},
	{"to", LU_PARAM_NAME, LU_COMPONENT_NEXT, 0, 0, NULL,
	 "its new version; or several to go through in turn, as v2-v3-v1"},
	{"quiescence", LU_PARAM_CHOICE, "counter", 0, 0, quiescences,
	 "how quiescence is detected: per-CPU counters, SRCU, inspection of all stacks, or "
	 "not at all (unsafe)"},
	{"tracked", LU_PARAM_CHOICE, "move", 0, 0, times_to_track,
	 "when calls are tracked for counter and rcu: from the beginning of a swap to its end, or "
	 "always, at a cost to each call"},
	{"swaps", LU_PARAM_INT, "1", 1, 100001, NULL,
	 "number of swaps, back and forth, or through the given versions in turn"},
	{"every_ms", LU_PARAM_INT, "0", 0, 60000, NULL,
	 "from the beginning of one swap to the beginning of the next, ms; 0: at once"},
	{"limit_ms", LU_PARAM_INT, "5000", 1, 600000, NULL,
	 "how long quiescence may take before the swap is abandoned, ms"},
	{"fail_transfers", LU_PARAM_INT, "0", 0, 1000, NULL,
	 "state transfers to fail, to test that the old version continues"},
	{"checked", LU_PARAM_BOOL, "off", 0, 0, NULL,
	 "have the guest's kernel check each object that it allocates and frees (slub_debug=FZPU)"},
	{"cost", LU_PARAM_BOOL, "off", 0, 0, NULL,
	 "also measure what a call costs, before and after (docs/design/hotswap.md); takes "
	 "instance 1 out of the framework"},
	{},
};

static const char *first_version(const struct lu_plan *plan)
{
	return plan->workload->component->versions[0];
}

/* The versions to go through in turn; back and forth when only one is named. g_strfreev. */
static char **tour(const struct lu_plan *plan)
{
	const char *to = lu_param_str(plan->strategy_params, "to");
	g_autofree char *path =
		strchr(to, '-') ? g_strdup(to) : g_strconcat(to, "-", first_version(plan), NULL);
	char **versions = g_strsplit(path, "-", -1);

	for (char **version = versions; *version; version++) {
		g_autofree char *word = *version;

		*version = g_strdup(lu_plan_version(plan, word));
	}
	return versions;
}

/* The version after the last swap; interned. */
static const char *last_version(const struct lu_plan *plan)
{
	g_auto(GStrv) versions = tour(plan);
	int64_t swaps = lu_param_int(plan->strategy_params, "swaps");

	return g_intern_string(versions[(swaps - 1) % g_strv_length(versions)]);
}

static const char *instance_version(const struct lu_plan *plan, unsigned instance, unsigned cycle)
{
	return instance == lu_param_int(plan->strategy_params, "instance") ? last_version(plan)
									   : NULL;
}

static bool check_component(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;
	const char *wanted = lu_param_str(plan->strategy_params, "component");

	if (!component)
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s uses no component that can be swapped: "
			    "--workload=block does",
			    plan->workload->name);
	else if (!g_str_equal(wanted, "auto") && !g_str_equal(wanted, component->name))
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s uses component %s and not %s", plan->workload->name,
			    component->name, wanted);
	else
		return true;
	return false;
}

/* Each must differ from the one before it, including the initial one. */
static bool check_tour(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;
	g_autofree char *all = lu_component_versions(component);
	g_auto(GStrv) versions = tour(plan);
	const char *before = first_version(plan);

	for (size_t i = 0; versions[i]; before = versions[i++]) {
		if (lu_component_has(component, versions[i]) && !g_str_equal(versions[i], before))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "to=%s: from %s component %s can be swapped to another one of %s, not "
			    "to '%s'",
			    lu_param_str(plan->strategy_params, "to"), before, component->name, all,
			    versions[i]);
		return false;
	}
	return true;
}

static bool measures_cost(const struct lu_plan *plan)
{
	return lu_param_bool(plan->strategy_params, "cost");
}

/* The measuring module reads blocks of both disks, the second of which is called directly. */
static bool check_cost(const struct lu_plan *plan, GError **error)
{
	const struct lu_component *component = plan->workload->component;

	if (!measures_cost(plan) ||
	    (component->direct && !lu_param_int(plan->strategy_params, "instance")))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "cost=on compares instance 0 with an instance 1 that is called directly: it "
		    "needs a component that can do that (--workload=block) and instance=0");
	return false;
}

/* A tour of several versions may end with the first; just back and forth
 * would not show anything. */
static bool check(const struct lu_plan *plan, GError **error)
{
	int64_t swaps = lu_param_int(plan->strategy_params, "swaps");

	if (!check_component(plan, error) || !check_tour(plan, error) || !check_cost(plan, error))
		return false;
	if (swaps % 2 || strchr(lu_param_str(plan->strategy_params, "to"), '-'))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "swaps=%" PRId64 " would end with the initial version: use an odd number",
		    swaps);
	return false;
}

/* The modules of all versions of the tour but the initial one, which is loaded already. A version
 * of the driver is none that could stand beside it. */
static char **new_modules(const struct lu_plan *plan)
{
	const struct lu_component *component = plan->workload->component;
	g_autoptr(GStrvBuilder) modules = g_strv_builder_new();
	g_auto(GStrv) versions = tour(plan);

	for (size_t i = 0; versions[i]; i++) {
		g_autofree char *module = lu_component_module(component, versions[i]);

		if (!g_str_equal(versions[i], first_version(plan)) &&
		    !lu_component_of_driver(component, versions[i]))
			g_strv_builder_add(modules, module);
	}
	return g_strv_builder_end(modules);
}

static void track_always(const char *how, struct lu_needs *needs)
{
	if (g_str_equal(how, "counter"))
		lu_needs_kmod(needs, "lu_swap", "track=counter");
	else if (g_str_equal(how, "rcu"))
		lu_needs_kmod(needs, "lu_swap", "track=rcu");
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autofree char *driver = NULL;
	g_auto(GStrv) modules = NULL;

	if (!plan->workload->component)
		return;
	if (g_str_equal(lu_param_str(plan->strategy_params, "tracked"), "always"))
		track_always(lu_param_str(plan->strategy_params, "quiescence"), needs);
	if (lu_param_bool(plan->strategy_params, "checked"))
		needs->cmdline = " slub_debug=FZPU";
	modules = new_modules(plan);
	for (size_t i = 0; modules[i]; i++)
		lu_needs_kmod(needs, modules[i], NULL);
	if (!measures_cost(plan))
		return;
	driver = lu_component_module(plan->workload->component, NULL);
	lu_needs_kmod(needs, driver, plan->workload->component->direct);
	lu_needs_kmod(needs, COST_MODULE, NULL);
}

static json_t *feature_args(char **modules)
{
	json_t *features = json_array();

	for (size_t i = 0; modules[i]; i++)
		json_array_append_new(features, json_string(modules[i]));
	return json_pack("{s:o}", "features", features);
}

static json_t *cost_args(void)
{
	return json_pack("{s:[s]}", "features", COST_MODULE);
}

/* Recorded as "call.now=…, read.now=…": ticks of the guest's counter. */
static bool measure_cost(struct lu_run *run, const char *when, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	json_auto_t *reply = NULL;
	const char *way;
	json_t *ticks;

	if (!lu_run_call(run, "swap.cost", NULL, &reply, error))
		return false;
	json_object_foreach(json_object_get(reply, "ticks"), way, ticks)
	{
		g_string_append_printf(text, "%s%s=%" JSON_INTEGER_FORMAT, text->len ? " " : "",
				       way, json_integer_value(ticks));
	}
	lu_run_note(run, when, text->str);
	return true;
}

static bool cost_before(struct lu_run *run, GError **error)
{
	return !measures_cost(run->plan) ||
	       (lu_run_call(run, "modules", cost_args(), NULL, error) &&
		measure_cost(run, "cost.before", error));
}

static bool cost_undo(struct lu_run *run, GError **error)
{
	return !measures_cost(run->plan) ||
	       lu_run_call(run, "modules.drop", cost_args(), NULL, error);
}

static bool cost_after(struct lu_run *run, GError **error)
{
	return !measures_cost(run->plan) ||
	       (measure_cost(run, "cost.after", error) && cost_undo(run, error));
}

static bool load(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	g_auto(GStrv) modules = new_modules(run->plan);

	if (!lu_run_call(run, "modules", feature_args(modules), &reply, error))
		return false;
	lu_run_claims(run, "modules", reply);
	return cost_before(run, error);
}

static bool unload(struct lu_run *run, GError **error)
{
	g_auto(GStrv) modules = new_modules(run->plan);

	return cost_undo(run, error) &&
	       lu_run_call(run, "modules.drop", feature_args(modules), NULL, error);
}

static const char *instance_name(const struct lu_run *run)
{
	return run->plan->workload->component->instances[lu_param_int(run->params, "instance")];
}

/* A number of swaps through these versions, in turn. versions is taken. */
static json_t *swap_args(struct lu_run *run, json_t *versions, int64_t times)
{
	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:I, s:I}", "instance", instance_name(run),
			 "to", versions, "quiescence", lu_param_str(run->params, "quiescence"),
			 "limit_ms", (json_int_t)lu_param_int(run->params, "limit_ms"), "times",
			 (json_int_t)times, "every_ms",
			 (json_int_t)lu_param_int(run->params, "every_ms"), "fail_transfers",
			 (json_int_t)lu_param_int(run->params, "fail_transfers"));
}

static bool swap_instance(struct lu_run *run, GError **error)
{
	g_auto(GStrv) versions = tour(run->plan);
	json_t *to = json_array();
	json_auto_t *reply = NULL;

	for (size_t i = 0; versions[i]; i++)
		json_array_append_new(to, json_string(versions[i]));
	if (!lu_run_call(run, "swap", swap_args(run, to, lu_param_int(run->params, "swaps")),
			 &reply, error))
		return false;
	lu_run_claims(run, "swap", reply);
	return true;
}

static bool swap_back(struct lu_run *run, GError **error)
{
	json_t *args = swap_args(run, json_pack("[s]", first_version(run->plan)), 1);

	json_object_del(args, "fail_transfers");
	return lu_run_call(run, "swap.back", args, NULL, error);
}

static bool has_version(struct lu_run *run, const json_t *state, unsigned i, GError **error)
{
	const char *name = run->plan->workload->component->instances[i];
	const char *expected = instance_version(run->plan, i, 0) ?: first_version(run->plan);
	const char *is =
		json_string_value(json_object_get(json_object_get(state, "versions"), name));

	if (!g_strcmp0(is, expected))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s has version %s, should have %s", name,
		    is ?: "none", expected);
	return false;
}

static bool confirm(struct lu_run *run, GError **error)
{
	json_auto_t *state = NULL;

	if (!lu_run_swap_state(run, &state, error))
		return false;
	for (unsigned i = 0; i < LU_COMPONENT_INSTANCES; i++)
		if (!has_version(run, state, i, error))
			return false;
	return true;
}

static json_t *all_modules(const struct lu_plan *plan)
{
	g_auto(GStrv) modules = new_modules(plan);
	g_autofree char *first =
		lu_component_module(plan->workload->component, first_version(plan));
	json_t *args = feature_args(modules);

	json_array_append_new(json_object_get(args, "features"), json_string(first));
	return args;
}

/* Unload every version of the tour that no instance has; the kernel keeps what is in use. */
static bool drop_old(struct lu_run *run, GError **error)
{
	g_autofree char *evidence = NULL;
	json_auto_t *reply = NULL;

	if (!cost_after(run, error) ||
	    !lu_run_call(run, "modules.drop", all_modules(run->plan), &reply, error))
		return false;
	evidence = g_strdup_printf("%" JSON_INTEGER_FORMAT " versions unloaded, %zu still in use",
				   json_integer_value(json_object_get(reply, "dropped")),
				   json_array_size(json_object_get(reply, "kept")));
	lu_run_note(run, "old-code", evidence);
	return true;
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "load the new version's module", load, unload},
	{LU_PRESERVE, "swap the instance, with its state", swap_instance, swap_back},
	{LU_SWITCH, "check that it and nothing else was swapped", confirm},
	{LU_FINISH, "unload the old version's module", drop_old},
	{},
};

static const char *const updates[] = {"module", NULL};

const struct lu_strategy lu_strategy_hotswap = {
	.name = "hotswap",
	.summary = "replaces the implementation of one instance of a kernel component, under load",
	.params = params,
	.phases = phases,
	.updates = updates,
	.workload = "block",
	.keeps_state = true,
	.once = "its parameter swaps goes back and forth by itself",
	/* the kernel does not change; the component's versions are in the replies */
	.switches = false,
	.check = check,
	.instance_version = instance_version,
	.needs = needs,
};
