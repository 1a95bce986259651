/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of the whole kernel: information, modules, memory, reboot. */
#include <string.h>
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/memory.h"
#include "sim/verb.h"

static void tell_info(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_update_memory(sim);
	json_object_set_new(reply, "kernel", json_string(sim_release(sim, sim->kernel.release)));
	json_object_set_new(reply, "arch", json_string(sim->plan->machine->arch));
	json_object_set_new(reply, "used_bytes", json_integer(sim->memory.guest_used_bytes));
}

/* A feature of the machine, or one of our own modules that the plan's guest is built with. */
static bool has_list(struct sim *sim, const char *feature)
{
	const GPtrArray *kmods = sim->plan->needs->kmods;
	bool found = json_object_get(sim->plan->machine->features, feature) != NULL;

	for (guint i = 0; !found && i < kmods->len; i++)
		found = g_str_equal(((struct lu_kmod *)kmods->pdata[i])->name, feature);
	return found;
}

static bool loads(const json_t *args, const char *module)
{
	json_t *feature;
	size_t i;

	json_array_foreach(json_object_get(args, "features"), i, feature)
	{
		if (g_str_equal(json_string_value(feature), module))
			return true;
	}
	return false;
}

static bool lacks(struct sim *sim, const json_t *args)
{
	return sim->plan->needs->next_fault == LU_NEXT_LACKS &&
	       sim->kernel.release == LU_RELEASE_NEW && loads(args, "net");
}

static bool check_modules(struct sim *sim, const json_t *args, GError **error)
{
	size_t i;
	json_t *feature;

	if (lacks(sim, args))
		return sim_fail(error, LU_ERROR_FAILED, "modules: net: No such file or directory");

	json_array_foreach(json_object_get(args, "features"), i, feature)
	{
		if (has_list(sim, json_string_value(feature)))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "no module list for feature '%s'", json_string_value(feature));
		return false;
	}
	return true;
}

static int64_t cost_modules(struct sim *sim, const json_t *args)
{
	return (int64_t)json_array_size(json_object_get(args, "features")) *
	       sim_cost(sim, "modules");
}

/* A component's instances begin with the version that its driver is given, or has. */
static void begin_instances(struct sim *sim, const json_t *args)
{
	const struct lu_component *component = sim->plan->workload->component;
	const char *begun = NULL;

	for (size_t i = 0; component && component->versions[i]; i++) {
		const char *version = component->versions[i];
		g_autofree char *driver = lu_component_driver(component, version);
		const char *words = sim_text(json_object_get(args, "params"), driver);
		bool told = g_str_has_prefix(words, "version=") &&
			    g_str_equal(words + strlen("version="), version);

		if (told || (lu_component_of_driver(component, version) && loads(args, driver)))
			begun = lu_component_called(component, version);
	}
	for (size_t i = 0; begun && i < SIM_INSTANCES; i++)
		sim->kernel.version[i] = begun;
}

static void load_modules(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	size_t i;
	json_t *feature;

	json_array_foreach(json_object_get(args, "features"), i, feature) g_hash_table_add(
		sim->kernel.modules, (gpointer)g_intern_string(json_string_value(feature)));
	begin_instances(sim, args);
	sim_put_ns(reply, "load_ns", cost_ns);
}

static void sample(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->sample_ns = json_integer_value(json_object_get(args, "interval_ms")) * 1000000;
	sim->next_sample_ns = sim->now_ns;
}

static void panic(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_die(sim, "Kernel panic - not syncing: sysrq triggered crash");
}

static void die(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_die(sim, "Kernel panic - not syncing: Attempted to kill init!");
}

const struct lu_sim_verbs lu_sim_verbs_system = {
	.verbs =
		{
			{"ping", .cost = sim_no_cost},
			{"info", .cost = sim_no_cost, .apply = tell_info},
			{"modules", check_modules, cost_modules, .apply = load_modules},
			{"sample", .cost = sim_no_cost, .apply = sample},
			{"panic", .cost = sim_no_cost, .apply = panic},
			{"die", .cost = sim_no_cost, .apply = die},
			{},
		},
};
