/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sweep's plans, in the order in which they run. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <string.h>
#include "record/error.h"
#include "model/scenario-keys.h"
#include "model/sweep.h"

static const char *const designs[] = {"all", "screening", NULL}; /* enum lu_sweep_design */

static const struct lu_param own_keys[] = {
	{"repeat", LU_PARAM_INT, "1", 1, 1000, .help = "runs of each combination"},
	{"order_seed", LU_PARAM_INT, "1", 0, G_MAXINT64, .help = "seed of the order of runs"},
	{"design", LU_PARAM_CHOICE, "all", .choices = designs,
	 .help = "all combinations, or those that screen factors of two values"},
	{NULL},
};

static void case_free(gpointer data)
{
	struct lu_sweep_case *one = data;

	lu_plan_free(one->plan);
	g_free(one);
}

void lu_sweep_free(struct lu_sweep *sweep)
{
	if (!sweep)
		return;
	g_free(sweep->name);
	g_free(sweep->title);
	g_ptr_array_unref(sweep->cases);
	g_free(sweep);
}

static bool check_keys(const json_t *definition, const char *file, GError **error)
{
	g_autofree const char **scenario = lu_scenario_top_keys();
	g_autoptr(GPtrArray) allowed = g_ptr_array_new();
	const char *key;
	json_t *value;

	g_ptr_array_add(allowed, (gpointer) "sweep");
	g_ptr_array_add(allowed, (gpointer) "cases");
	for (const char **each = scenario; *each; each++)
		g_ptr_array_add(allowed, (gpointer)*each);
	g_ptr_array_add(allowed, NULL);
	json_object_foreach((json_t *)definition, key, value)
	{
		if (g_strv_contains((const char *const *)allowed->pdata, key))
			continue;
		lu_unknown_key(error, file, key, (const char *const *)allowed->pdata);
		return false;
	}
	return true;
}

static bool take_title(struct lu_sweep *sweep, json_t *own, const char *file, GError **error)
{
	json_t *title = json_object_get(own, "title");

	if (title && !json_is_string(title)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: sweep.title: is wrong; allowed: text", file);
		return false;
	}
	sweep->title = g_strdup(json_string_value(title));
	json_object_del(own, "title");
	return true;
}

static bool take_own_keys(struct lu_sweep *sweep, const json_t *definition, const char *file,
			  GError **error)
{
	g_autofree char *where = g_strdup_printf("%s: sweep", file);
	json_t *given = json_object_get(definition, "sweep");
	json_t *own = given ? json_deep_copy(given) : json_object();
	json_t *values = NULL;

	if (take_title(sweep, own, file, error))
		values = lu_params_resolve_strict(own_keys, own, where, error);
	json_decref(own);
	if (!values)
		return false;
	sweep->repeats = (unsigned)lu_param_int(values, "repeat");
	sweep->order_seed = (uint64_t)lu_param_int(values, "order_seed");
	sweep->design = g_str_equal(lu_param_str(values, "design"), designs[LU_SWEEP_SCREENING])
				? LU_SWEEP_SCREENING
				: LU_SWEEP_ALL;
	json_decref(values);
	return true;
}

/* Equal plans only once: a parameter that does not apply to this strategy yields several. */
static void add_cases(struct lu_sweep *sweep, GHashTable *known, const struct lu_plan *plan,
		      unsigned combination)
{
	for (unsigned repeat = 0; repeat < sweep->repeats; repeat++) {
		struct lu_sweep_case *one = g_new0(struct lu_sweep_case, 1);

		one->plan = lu_plan_with_seed(plan, plan->seed + repeat);
		one->repeat = repeat;
		one->combination = combination;
		if (g_hash_table_add(known, g_strdup(one->plan->hash)))
			g_ptr_array_add(sweep->cases, one);
		else
			case_free(one);
	}
}

static bool make_cases(struct lu_sweep *sweep, const json_t *scenarios, const char *file,
		       const char *machines_dir, unsigned host_memory_mb, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *scenario;
	size_t i;

	json_array_foreach(scenarios, i, scenario)
	{
		struct lu_plan *plan =
			lu_plan_new_unchecked(scenario, file, machines_dir, host_memory_mb, error);

		if (!plan)
			return false;
		add_cases(sweep, known, plan, (unsigned)i);
		lu_plan_free(plan);
	}
	return true;
}

static int by_repeat(gconstpointer a, gconstpointer b)
{
	const struct lu_sweep_case *x = *(struct lu_sweep_case *const *)a;
	const struct lu_sweep_case *y = *(struct lu_sweep_case *const *)b;

	return (int)x->repeat - (int)y->repeat;
}

/* Interleaved, so that a host that slows down meanwhile favours no strategy. GLib's sort of pointer
 * arrays is stable: the random order is kept within a repeat. */
static void order_cases(struct lu_sweep *sweep)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, sweep->order_seed);
	if (sweep->cases->len)
		gsl_ran_shuffle(rng, sweep->cases->pdata, sweep->cases->len, sizeof(gpointer));
	gsl_rng_free(rng);
	g_ptr_array_sort(sweep->cases, by_repeat);
}

/* A list of seeds and repeats that increment the seed would collide. */
static bool check_seeds(const struct lu_sweep *sweep, const json_t *definition, const char *file,
			GError **error)
{
	if (sweep->repeats == 1 || !json_is_array(json_object_get(definition, "seed")))
		return true;
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"%s: seed: is a list, and sweep.repeat increments the seed; allowed: one of them",
		file);
	return false;
}

static bool check_size(const struct lu_sweep *sweep, const json_t *scenarios, const char *file,
		       GError **error)
{
	size_t runs = json_array_size(scenarios) * sweep->repeats;

	if (runs <= LU_SWEEP_MAX_RUNS)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: sweep.repeat: %u times %zu combinations are too many; allowed: up to %d "
		    "runs",
		    file, sweep->repeats, json_array_size(scenarios), LU_SWEEP_MAX_RUNS);
	return false;
}

static bool fill(struct lu_sweep *sweep, const json_t *definition, const char *file,
		 const char *machines_dir, unsigned host_memory_mb, GError **error)
{
	json_t *rest = json_copy((json_t *)definition);

	json_object_del(rest, "sweep");
	json_t *scenarios = lu_sweep_scenarios(rest, sweep->design, file, error);

	json_decref(rest);
	if (!scenarios)
		return false;
	bool ok = check_size(sweep, scenarios, file, error) &&
		  make_cases(sweep, scenarios, file, machines_dir, host_memory_mb, error);

	json_decref(scenarios);
	return ok;
}

static char *name_of(const char *file)
{
	char *name = g_path_get_basename(file);

	if (g_str_has_suffix(name, ".json"))
		name[strlen(name) - strlen(".json")] = '\0';
	return g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-", '-');
}

struct lu_sweep *lu_sweep_new(const json_t *definition, const char *file, const char *machines_dir,
			      unsigned host_memory_mb, GError **error)
{
	struct lu_sweep *sweep = g_new0(struct lu_sweep, 1);

	sweep->name = name_of(file);
	sweep->cases = g_ptr_array_new_with_free_func(case_free);
	if (check_keys(definition, file, error) && take_own_keys(sweep, definition, file, error) &&
	    check_seeds(sweep, definition, file, error) &&
	    fill(sweep, definition, file, machines_dir, host_memory_mb, error)) {
		order_cases(sweep);
		return sweep;
	}
	lu_sweep_free(sweep);
	return NULL;
}
