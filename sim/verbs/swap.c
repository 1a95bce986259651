/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of swappable instances. The service is paused
 * during a swap, as its callers wait at the gate. */
#include <string.h>
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/service.h"
#include "sim/verb.h"

static const struct lu_component *component_of(const struct sim *sim)
{
	return sim->plan->workload->component;
}

static bool has_module(const struct sim *sim, const char *version)
{
	g_autofree char *module =
		component_of(sim) ? lu_component_module(component_of(sim), version) : NULL;

	return module && g_hash_table_contains(sim->kernel.modules, module);
}

/* -1: there is no instance of that name, or no driver for it. */
static int find_instance(struct sim *sim, const json_t *args)
{
	for (int i = 0; sim_has_driver(sim) && i < SIM_INSTANCES; i++)
		if (g_str_equal(component_of(sim)->instances[i], sim_text(args, "instance")))
			return i;
	return -1;
}

static const char *instance_version(const struct sim *sim, unsigned instance)
{
	return sim->kernel.version[instance] ?: component_of(sim)->versions[0];
}

/* The version that the n-th swap leads to, from 0. */
static const char *version_at(const json_t *args, int64_t n)
{
	const json_t *to = json_object_get(args, "to");
	size_t versions = json_array_size(to);

	return versions ? json_string_value(json_array_get(to, (size_t)n % versions)) : "";
}

static bool check_swap(struct sim *sim, const json_t *args, GError **error)
{
	const json_t *to = json_object_get(args, "to");
	bool known = find_instance(sim, args) >= 0;
	const char *missing = version_at(args, 0);

	for (size_t i = 0; known && i < json_array_size(to); i++) {
		missing = version_at(args, (int64_t)i);
		known = has_module(sim, missing);
	}
	if (known && json_array_size(to)) {
		if (!json_integer_value(json_object_get(args, "fail_transfers")))
			return true;
		return sim_fail(error, LU_ERROR_FAILED,
				"swap: transfer failed; the old version stays");
	}
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "swap: there is no instance %s, or no version %s of it",
		    sim_text(args, "instance"), missing);
	return false;
}

static int64_t times(const json_t *args)
{
	return MAX(json_integer_value(json_object_get(args, "times")), 1);
}

static int64_t cost_swap(struct sim *sim, const json_t *args)
{
	int64_t each = sim_cost(sim, "swap") + sim_cost(sim, "swap:transfer");
	int64_t every = json_integer_value(json_object_get(args, "every_ms")) * 1000000;

	return (times(args) - 1) * MAX(each, every) + each;
}

static void hold(struct sim *sim, const json_t *args)
{
	if (sim->kernel.service == SIM_RUNNING)
		sim->kernel.service = SIM_STOPPED;
}

static void set_version(struct sim *sim, const json_t *args)
{
	const struct lu_service_model *model = sim->plan->workload->model;
	unsigned i = (unsigned)find_instance(sim, args);

	sim->kernel.version[i] = g_intern_string(version_at(args, times(args) - 1));
	if (sim->service && model->swapped)
		model->swapped(sim->service, i, sim->kernel.version[i]);
}

static void swap(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	int64_t each = cost_ns / times(args);

	sim_thaw(sim);
	set_version(sim, args);
	/* Without quiescence a swap now and then catches a call in the old code. */
	if (g_str_equal(sim_text(args, "quiescence"), "none") && sim->service)
		sim->plan->workload->model->damage(sim->service, "corrupt");
	json_object_set_new(reply, "moves", json_integer(times(args)));
	sim_put_ns(reply, "move_ns", cost_ns);
	sim_put_ns(reply, "quiesce_ns", each / 10);
	sim_put_ns(reply, "transfer_ns", each - each / 10);
	sim_put_ns(reply, "closed_ns", each);
	sim_put_ns(reply, "wait_ns", each);
}

static void back(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_thaw(sim);
	if (find_instance(sim, args) >= 0)
		set_version(sim, args);
}

static void state(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_t *versions = json_object();

	for (unsigned i = 0; sim_has_driver(sim) && i < SIM_INSTANCES; i++)
		json_object_set_new(versions, component_of(sim)->instances[i],
				    json_string(instance_version(sim, i)));
	json_object_set_new(reply, "versions", versions);
	json_object_set_new(reply, "warned", json_false());
}

static bool is_driver(const struct sim *sim, const char *module)
{
	const struct lu_component *component = component_of(sim);

	for (size_t i = 0; component && component->versions[i]; i++) {
		g_autofree char *driver = lu_component_driver(component, component->versions[i]);

		if (g_str_equal(driver, module))
			return true;
	}
	return false;
}

/* A simulated guest executes no instructions that could be counted. */
static bool check_cost(struct sim *sim, const json_t *args, GError **error)
{
	return sim_fail(error, LU_ERROR_UNSUPPORTED,
			"swap.cost: a simulated guest executes no calls");
}

/* The service uses its component's driver, each instance its version's module. */
static bool in_use(struct sim *sim, const char *module)
{
	if (is_driver(sim, module))
		return sim->kernel.service != SIM_NONE;
	for (unsigned i = 0; sim_has_driver(sim) && i < SIM_INSTANCES; i++) {
		g_autofree char *used =
			lu_component_module(component_of(sim), instance_version(sim, i));

		if (g_str_equal(used, module))
			return true;
	}
	return false;
}

static bool drop_module(struct sim *sim, const char *module)
{
	/* The instances' state is lost. */
	if (is_driver(sim, module)) {
		memset(sim->kernel.version, 0, sizeof(sim->kernel.version));
		sim->kernel.blank = true;
	}
	return g_hash_table_remove(sim->kernel.modules, module);
}

static void drop(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_t *kept = json_array(), *feature;
	int dropped = 0;
	size_t i;

	json_array_foreach(json_object_get(args, "features"), i, feature)
	{
		if (in_use(sim, json_string_value(feature)))
			json_array_append(kept, feature);
		else
			dropped += drop_module(sim, json_string_value(feature));
	}
	json_object_set_new(reply, "dropped", json_integer(dropped));
	json_object_set_new(reply, "kept", kept);
}

/* Estimates, assumed to be the same on every machine. */
static const struct lu_sim_cost costs[] = {
	{"swap", 1 * LU_SIM_MS}, /* gate and quiescence */
	{"swap:transfer", 1 * LU_SIM_MS, .state_ns = 1.0},
	{"swap.back", 2 * LU_SIM_MS, .state_ns = 1.0},
	{"modules.drop", 30 * LU_SIM_MS},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_swap = {
	.costs = costs,
	.verbs =
		{
			{"swap", check_swap, cost_swap, hold, swap, sim_thaw},
			{"swap.back", .apply = back},
			{"swap.state", .cost = sim_no_cost, .apply = state},
			{"swap.cost", check_cost, sim_no_cost},
			{"modules.drop", .apply = drop},
			{},
		},
};
