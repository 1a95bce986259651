/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of swappable instances. A move's service stands still, as its callers wait at the gate. */
#include <string.h>
#include "core/error.h"
#include "iface/workload.h"
#include "sim/verbs.h"

#define PREFIX "lublk"

/* -1: there is none of that name, or no driver of it. */
static int find_instance(struct sim *sim, const json_t *args)
{
	const char *name = sim_text(args, "instance");

	if (!g_str_has_prefix(name, PREFIX) ||
	    !g_hash_table_contains(sim->kernel.modules, "lu_block"))
		return -1;
	name += strlen(PREFIX);
	return *name >= '0' && *name < '0' + SIM_INSTANCES && !name[1] ? *name - '0' : -1;
}

static const char *instance_version(const struct sim *sim, unsigned instance)
{
	return sim->kernel.version[instance] ?: "v1";
}

static bool check_swap(struct sim *sim, const json_t *args, GError **error)
{
	g_autofree char *module = g_strconcat("lu_block_", sim_text(args, "to"), NULL);
	int i = find_instance(sim, args);

	if (i >= 0 && g_hash_table_contains(sim->kernel.modules, module))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "swap: there is no instance %s, or no version %s of it",
		    sim_text(args, "instance"), sim_text(args, "to"));
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

	sim->kernel.version[i] = g_intern_string(sim_text(args, "to"));
	if (sim->service && model->moved)
		model->moved(sim->service, i, sim->kernel.version[i]);
}

static void swap(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	int64_t each = cost_ns / times(args);

	sim_thaw(sim);
	set_version(sim, args);
	/* Without quiescence a call is now and then caught in the old code. */
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

	for (unsigned i = 0; i < SIM_INSTANCES; i++) {
		g_autofree char *name = g_strdup_printf(PREFIX "%u", i);

		if (g_hash_table_contains(sim->kernel.modules, "lu_block"))
			json_object_set_new(versions, name, json_string(instance_version(sim, i)));
	}
	json_object_set_new(reply, "versions", versions);
	json_object_set_new(reply, "warned", json_false());
}

static bool in_use(struct sim *sim, const char *module)
{
	for (unsigned i = 0; i < SIM_INSTANCES; i++) {
		g_autofree char *used = g_strconcat("lu_block_", instance_version(sim, i), NULL);

		if (g_str_equal(used, module))
			return true;
	}
	return false;
}

static void drop(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	json_t *kept = json_array(), *feature;
	size_t i;

	json_array_foreach(json_object_get(args, "features"), i, feature)
	{
		if (in_use(sim, json_string_value(feature)))
			json_array_append(kept, feature);
		else
			g_hash_table_remove(sim->kernel.modules, json_string_value(feature));
	}
	json_object_set_new(reply, "kept", kept);
}

const struct sim_verb sim_swap_verbs[] = {
	{"swap", check_swap, cost_swap, hold, swap, sim_thaw},
	{"swap.back", .apply = back},
	{"swap.state", .cost = sim_no_cost, .apply = state},
	{"modules.drop", .apply = drop},
	{},
};
