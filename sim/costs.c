/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Costs of the simulated guest, read from the machine's folder. A simulated blackout is only as
 * good as these numbers: their "source" says where they come from. Calibration against real runs
 * replaces the file, not the code.
 */
#include "sim/costs.h"
#include <math.h>
#include "model/param.h"
#include "record/error.h"

#define NS_PER_MS 1e6
#define MIB	  ((int64_t)1 << 20)
#define MAX_MIB	  (1 << 24)
#define MAX_MS	  86400000 /* a day */
#define MAX_RATE  1000000  /* ns per byte */

static bool wrong(const char *where, const char *key, const json_t *value, const char *allowed,
		  GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s: %s; allowed: %s", where, key,
		    value ? "wrong type or value" : "missing", allowed);
	return false;
}

static bool known_keys(const json_t *object, const char *where, const char *const *words,
		       GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (g_strv_contains(words, key))
			continue;
		lu_unknown_key(error, where, key, words);
		return false;
	}
	return true;
}

static bool read_mib(const json_t *doc, const char *where, const char *key, int64_t *bytes,
		     GError **error)
{
	const json_t *value = json_object_get(doc, key);
	json_int_t mib = json_integer_value(value);

	*bytes = mib * MIB;
	return (json_is_integer(value) && mib >= 0 && mib <= MAX_MIB) ||
	       wrong(where, key, value, "0 to 16777216", error);
}

/* A number of a step; 0 when it is left out. */
static bool read_number(const json_t *step, const char *where, const char *key, double most,
			double *number, GError **error)
{
	const json_t *value = json_object_get(step, key);
	g_autofree char *allowed = g_strdup_printf("a number from 0 to %.0f", most);

	*number = json_number_value(value);
	return !value || (json_is_number(value) && *number >= 0 && *number <= most) ||
	       wrong(where, key, value, allowed, error);
}

static bool read_step(const json_t *step, const char *where, struct lu_sim_cost *cost,
		      GError **error)
{
	static const char *const words[] = {"fixed_ms", "ns_per_state_byte", "ns_per_release_byte",
					    "note", NULL};
	const json_t *note = json_object_get(step, "note");
	double fixed_ms;

	if (!known_keys(step, where, words, error) ||
	    !read_number(step, where, "fixed_ms", MAX_MS, &fixed_ms, error) ||
	    !read_number(step, where, "ns_per_state_byte", MAX_RATE, &cost->state_ns, error) ||
	    !read_number(step, where, "ns_per_release_byte", MAX_RATE, &cost->release_ns, error))
		return false;
	cost->fixed_ns = llround(fixed_ms * NS_PER_MS);
	return !note || json_is_string(note) || wrong(where, "note", note, "a text", error);
}

static bool read_steps(struct lu_sim_costs *costs, const json_t *steps, const char *where,
		       GError **error)
{
	const char *name;
	json_t *step;

	if (!json_is_object(steps))
		return wrong(where, "steps", steps, "{\"STEP\": {\"fixed_ms\": …}, …}", error);
	json_object_foreach((json_t *)steps, name, step)
	{
		g_autofree char *key = g_strdup_printf("steps.%s", name);
		g_autofree char *below = g_strdup_printf("%s: %s", where, key);
		g_autofree struct lu_sim_cost *cost = g_new0(struct lu_sim_cost, 1);

		if (!json_is_object(step))
			return wrong(where, key, step, "{\"fixed_ms\": …}", error);
		if (!read_step(step, below, cost, error))
			return false;
		g_hash_table_replace(costs->steps, g_strdup(name), g_steal_pointer(&cost));
	}
	return true;
}

static bool read_doc(struct lu_sim_costs *costs, const json_t *doc, const char *where,
		     GError **error)
{
	static const char *const words[] = {"source",	     "release_mib", "kernel_used_mib",
					    "host_base_mib", "steps",	    NULL};
	const json_t *source = json_object_get(doc, "source");

	if (!json_is_object(doc)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: must be an object", where);
		return false;
	}
	if (!known_keys(doc, where, words, error))
		return false;
	if (!json_is_string(source))
		return wrong(where, "source", source, "a text: where the numbers come from", error);
	return read_mib(doc, where, "release_mib", &costs->release_bytes, error) &&
	       read_mib(doc, where, "kernel_used_mib", &costs->kernel_used_bytes, error) &&
	       read_mib(doc, where, "host_base_mib", &costs->host_base_bytes, error) &&
	       read_steps(costs, json_object_get(doc, "steps"), where, error);
}

struct lu_sim_costs *lu_sim_costs_from_doc(const json_t *doc, const char *where,
					   const char *machine, GError **error)
{
	struct lu_sim_costs *costs = g_new0(struct lu_sim_costs, 1);

	costs->machine = g_strdup(machine);
	costs->steps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (read_doc(costs, doc, where, error))
		return costs;
	lu_sim_costs_free(costs);
	return NULL;
}

struct lu_sim_costs *lu_sim_costs_load(const struct lu_machine *machine, GError **error)
{
	g_autofree char *path =
		machine->folder ? g_build_filename(machine->folder, "costs.json", NULL) : NULL;
	struct lu_sim_costs *costs = NULL;
	json_error_t why;
	json_t *doc;

	if (!path || !g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "sim: machine %s is not modelled: its folder has no costs.json",
			    machine->name);
		return NULL;
	}
	doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	if (doc)
		costs = lu_sim_costs_from_doc(doc, path, machine->name, error);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: line %d: %s", path, why.line,
			    why.text);
	json_decref(doc);
	return costs;
}

void lu_sim_costs_free(struct lu_sim_costs *costs)
{
	if (!costs)
		return;
	g_hash_table_unref(costs->steps);
	g_free(costs->machine);
	g_free(costs);
}

void lu_sim_costs_add(struct lu_sim_costs *costs, const struct lu_sim_cost *typical)
{
	for (; typical->step; typical++)
		if (!lu_sim_costs_have(costs, typical->step))
			g_hash_table_insert(costs->steps, g_strdup(typical->step),
					    g_memdup2(typical, sizeof(*typical)));
}

bool lu_sim_costs_have(const struct lu_sim_costs *costs, const char *step)
{
	return g_hash_table_contains(costs->steps, step);
}

int64_t lu_sim_cost_ns(const struct lu_sim_costs *costs, const char *step, uint64_t state_bytes)
{
	const struct lu_sim_cost *cost = g_hash_table_lookup(costs->steps, step);

	return cost ? cost->fixed_ns + (int64_t)(cost->state_ns * (double)state_bytes +
						 cost->release_ns * (double)costs->release_bytes)
		    : 0;
}
