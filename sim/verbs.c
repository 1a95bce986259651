/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the simulated agent: the families of verbs, what they have in
 * common, and how one is run. */
#include "record/error.h"
#include "sim/verbs.h"

static const struct sim_verb *const families[] = {
	sim_system_verbs, sim_net_verbs,  sim_service_verbs,  sim_checkpoint_verbs,
	sim_kexec_verbs,  sim_data_verbs, sim_handover_verbs, sim_replica_verbs,
	sim_field_verbs,  sim_swap_verbs, sim_patch_verbs,
};

bool sim_fail(GError **error, int code, const char *message)
{
	g_set_error_literal(error, LU_ERROR, code, message);
	return false;
}

bool sim_flag(const json_t *args, const char *name)
{
	return json_is_true(json_object_get(args, name));
}

const char *sim_text(const json_t *args, const char *name)
{
	const char *value = json_string_value(json_object_get(args, name));

	return value ? value : "";
}

bool sim_has(struct sim *sim, const char *feature, int code, GError **error)
{
	if (!json_object_get(sim->plan->machine->features, feature) ||
	    g_hash_table_contains(sim->kernel.modules, feature))
		return true;
	g_set_error(error, LU_ERROR, code, "modules of '%s' are not loaded", feature);
	return false;
}

bool sim_offered(char **list, const char *word, GError **error)
{
	if (g_strv_contains((const char *const *)list, word))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "'%s' is not offered here", word);
	return false;
}

unsigned sim_version(const json_t *args)
{
	const json_t *argv = json_object_get(args, "argv");

	for (size_t i = 1; i < json_array_size(argv); i++)
		if (!g_strcmp0(json_string_value(json_array_get(argv, i - 1)), "--app"))
			return (unsigned)g_ascii_strtoull(
				json_string_value(json_array_get(argv, i)), NULL, 10);
	return 1;
}

void sim_put_ns(json_t *reply, const char *name, int64_t ns)
{
	json_object_set_new(reply, name, json_integer(ns));
}

int64_t sim_no_cost(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, "net.unlock"); /* one message over the serial line and back */
}

const struct sim_verb *sim_verb_find(const char *name, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(families); i++)
		for (const struct sim_verb *verb = families[i]; verb->name; verb++)
			if (g_str_equal(verb->name, name))
				return verb;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' is not a verb of the simulated agent",
		    name);
	return NULL;
}

static bool run(struct sim *sim, const struct sim_verb *verb, const json_t *args,
		int64_t timeout_ns, json_t *reply, GError **error)
{
	int64_t cost;

	if (!sim_alive(sim, verb->name, error))
		return false;
	if (sim->machine == SIM_ON && verb->check && !verb->check(sim, args, error))
		return false;
	cost = verb->cost ? verb->cost(sim, args) : sim_cost(sim, verb->name);
	if (sim->machine == SIM_ON && verb->begin)
		verb->begin(sim, args);
	if (!sim_spend(sim, verb->name, cost, timeout_ns, error)) {
		if (verb->failed)
			verb->failed(sim);
		sim_serve(sim);
		return false;
	}
	if (verb->apply)
		verb->apply(sim, args, cost, reply);
	sim_update_memory(sim);
	sim_serve(sim);
	return true;
}

bool sim_call(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      json_t **reply, GError **error)
{
	bool script = g_str_equal(name, "script.run");
	const struct sim_verb *verb = script ? NULL : sim_verb_find(name, error);
	int64_t begin_ns = SIM(guest)->now_ns;
	json_t *result = json_object();
	bool ok;

	if (script)
		ok = sim_script(SIM(guest), args, timeout_ns, error);
	else
		ok = verb && run(SIM(guest), verb, args, timeout_ns, result, error);
	if (script)
		sim_put_ns(result, "script_ns", SIM(guest)->now_ns - begin_ns);
	json_decref(args);
	if (ok && reply)
		*reply = result;
	else
		json_decref(result);
	return ok;
}
