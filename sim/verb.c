/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers shared by the verbs. */
#include "sim/verb.h"
#include "record/error.h"
#include "sim/clock.h"

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
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "'%s' is not offered by this machine",
		    word);
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
