/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of live patches, and of a component's devices whose contents are saved over its reload. */
#include "record/error.h"
#include "model/workload.h"
#include "sim/service.h"
#include "sim/verb.h"

static const struct lu_component *component_of(const struct sim *sim)
{
	return sim->plan->workload->component;
}

/* PATCH of "lu_COMPONENT_lp_PATCH", NULL: not a patch of this component. */
static const char *find_patch(const struct sim *sim, const json_t *args)
{
	const struct lu_component *component = component_of(sim);

	for (size_t i = 0; component && component->patches && component->patches[i]; i++) {
		g_autofree char *module = lu_component_patch(component, component->patches[i]);

		if (g_str_equal(module, sim_text(args, "patch")))
			return component->patches[i];
	}
	return NULL;
}

static bool check_apply(struct sim *sim, const json_t *args, GError **error)
{
	if (!json_object_get(sim->plan->machine->features, "livepatch"))
		return sim_fail(error, LU_ERROR_UNSUPPORTED,
				"livepatch: this kernel has no live patching");
	if (!find_patch(sim, args))
		return sim_fail(error, LU_ERROR_REFUSED,
				"livepatch: the kernel does not load it: no such module");
	return true;
}

static void set_versions(struct sim *sim, const char *version)
{
	for (unsigned i = 0; i < SIM_INSTANCES; i++)
		sim->kernel.version[i] = g_intern_string(version);
	sim_tell_versions(sim);
}

/* Its cost is not on any request's path. */
static void apply(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.patch = g_intern_string(find_patch(sim, args));
	sim->kernel.unpatched = sim->kernel.version[0] ?: component_of(sim)->versions[0];
	set_versions(sim, lu_component_patched(component_of(sim), find_patch(sim, args)));
	sim_put_ns(reply, "load_ns", cost_ns / 4);
	sim_put_ns(reply, "transition_ns", cost_ns);
}

static void undo(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim_has_driver(sim) && sim->kernel.patch &&
	    !g_strcmp0(sim->kernel.patch, find_patch(sim, args))) {
		set_versions(sim, sim->kernel.unpatched);
		sim->kernel.patch = NULL;
	}
}

static bool check_devices(struct sim *sim, const json_t *args, GError **error)
{
	return sim_has_driver(sim) || sim_fail(error, LU_ERROR_FAILED, "devices: there are none");
}

/* Files in a folder that is named are on the data disk. */
static bool *place_of(struct sim *sim, const json_t *args)
{
	return *sim_text(args, "dir") ? &sim->disk.contents : &sim->kernel.contents;
}

static bool check_load(struct sim *sim, const json_t *args, GError **error)
{
	return check_devices(sim, args, error) &&
	       (*place_of(sim, args) ||
		sim_fail(error, LU_ERROR_FAILED, "devices: nothing has been saved"));
}

static void save(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	*place_of(sim, args) = true;
	sim_put_ns(reply, "save_ns", cost_ns);
}

static void load(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	*place_of(sim, args) = false;
	sim->kernel.blank = false;
	sim_put_ns(reply, "load_ns", cost_ns);
}

/* Estimates, assumed to be the same on every machine. */
static const struct lu_sim_cost costs[] = {
	{"livepatch.apply", 400 * LU_SIM_MS},
	{"livepatch.undo", 400 * LU_SIM_MS},
	{"devices.save", 5 * LU_SIM_MS, .state_ns = 1.0},
	{"devices.load", 5 * LU_SIM_MS, .state_ns = 1.0},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_patch = {
	.costs = costs,
	.verbs =
		{
			{"livepatch.apply", check_apply, .apply = apply},
			{"livepatch.undo", .apply = undo},
			{"devices.save", check_devices, .apply = save},
			{"devices.load", check_load, .apply = load},
			{},
		},
};
