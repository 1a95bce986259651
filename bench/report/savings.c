/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/savings.h"
#include <string.h>
#include "bench/cli.h"
#include "bench/report/counted.h"
#include "model/strategy.h"
#include "record/error.h"

#define METRIC "blackout_ns"
#define OPTION "--model=savings: "

static bool wrong(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool wrong(GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, OPTION "%s", text);
	return false;
}

static const json_t *params_of(const json_t *result)
{
	return lu_cli_get(result, "plan.strategy_params");
}

/* What has to be the same in all runs. New reference. */
static json_t *rest_of(const json_t *result)
{
	json_t *rest = json_copy(lu_cli_get(result, "plan"));

	json_object_del(rest, "strategy_params");
	json_object_del(rest, "seed");
	return rest;
}

/* A key of a that b lacks, or has another value of; NULL: there is none. Borrowed from a. */
static const char *differs_in(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a, key, value)
	{
		if (!json_equal(value, json_object_get(b, key)))
			return key;
	}
	return NULL;
}

static bool is_alike(const json_t *results, GError **error)
{
	json_auto_t *first = rest_of(json_array_get(results, 0));
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		json_auto_t *rest = rest_of(result);
		const char *key = differs_in(first, rest) ?: differs_in(rest, first);

		if (key)
			return wrong(error,
				     "the runs differ in %s; they may differ only in "
				     "parameters of their strategy",
				     key);
	}
	return true;
}

/* Distinct values of a parameter, new reference. */
static json_t *values_of(const json_t *results, const char *name)
{
	json_t *values = json_array(), *result, *known;
	size_t i, k;

	json_array_foreach(results, i, result)
	{
		json_t *value = json_object_get(params_of(result), name);
		bool seen = false;

		json_array_foreach(values, k, known) seen |= json_equal(known, value);
		if (!seen)
			json_array_append(values, value);
	}
	return values;
}

/* Its place in the order in which its declaration names what it may be. */
static double rank_of(const struct lu_param *spec, const json_t *value)
{
	if (json_is_boolean(value))
		return json_is_true(value);
	if (json_is_number(value))
		return json_number_value(value);
	for (size_t i = 0; spec && spec->choices && spec->choices[i]; i++)
		if (!g_strcmp0(spec->choices[i], json_string_value(value)))
			return (double)i;
	return -1;
}

struct factor {
	const char *name;
	const json_t *on; /* borrowed from a result */
};

static bool find_factors(const json_t *results, GArray *factors, GError **error)
{
	const json_t *first = json_array_get(results, 0);
	const struct lu_strategy *strategy =
		lu_strategy_find(lu_cli_get_str(first, "plan.strategy"), NULL);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)params_of(first), name, value)
	{
		const struct lu_param *spec =
			strategy ? lu_param_find(strategy->params, name) : NULL;
		json_auto_t *values = values_of(results, name);
		const json_t *a = json_array_get(values, 0), *b = json_array_get(values, 1);
		struct factor factor = {name, b && rank_of(spec, b) > rank_of(spec, a) ? b : a};

		if (json_array_size(values) > 2)
			return wrong(error, "%s has more than two values among the runs", name);
		if (b)
			g_array_append_val(factors, factor);
	}
	return factors->len || wrong(error, "the runs do not differ in any parameter");
}

static struct lu_effects *effects_of(const json_t *results, const GArray *factors)
{
	size_t n = json_array_size(results), k = factors->len;
	g_autofree bool *on = g_new(bool, n *k);
	g_autofree double *y = g_new(double, n);
	const struct lu_effects_runs runs = {n, k, on, y};
	json_t *result;
	size_t r;

	json_array_foreach(results, r, result)
	{
		y[r] = json_number_value(lu_cli_get(result, "metrics." METRIC));
		for (size_t f = 0; f < k; f++) {
			const struct factor *factor = &g_array_index(factors, struct factor, f);

			on[r * k + f] = json_equal(
				factor->on, json_object_get(params_of(result), factor->name));
		}
	}
	return lu_effects_new(&runs, LU_SAVINGS_CONFIDENCE);
}

static gint by_saving(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct lu_effects *effects = data;
	double x = effects->mean[*(const guint *)a].value,
	       y = effects->mean[*(const guint *)b].value;

	return (x < y) - (x > y);
}

static void put_in_order(struct lu_savings *savings)
{
	savings->order = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < savings->names->len; i++)
		g_array_append_val(savings->order, i);
	g_array_sort_with_data(savings->order, by_saving, savings->effects);
}

/* Good runs whose blackout is known. New reference. */
static json_t *samples(const json_t *results, bool with_suspect)
{
	json_t *known = json_array(), *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		json_auto_t *counted = lu_counted_result(result, with_suspect);

		if (json_is_number(lu_cli_get(counted, "metrics." METRIC)) && params_of(counted))
			json_array_append(known, counted);
	}
	return known;
}

static struct lu_savings *make(const json_t *taken, const GArray *factors)
{
	const json_t *first = json_array_get(taken, 0);
	struct lu_savings *savings = g_new0(struct lu_savings, 1);

	savings->effects = effects_of(taken, factors);
	savings->names = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < factors->len; i++)
		g_ptr_array_add(savings->names,
				g_strdup(g_array_index(factors, struct factor, i).name));
	savings->title = g_strdup_printf("%s, %s, %s", lu_cli_get_str(first, "plan.strategy"),
					 lu_cli_get_str(first, "plan.workload"),
					 lu_cli_get_str(first, "plan.machine"));
	savings->runs = (unsigned)json_array_size(taken);
	if (savings->effects)
		put_in_order(savings);
	return savings;
}

struct lu_savings *lu_savings_new(const json_t *results, bool with_suspect, GError **error)
{
	json_auto_t *taken = samples(results, with_suspect);
	g_autoptr(GArray) factors = g_array_new(FALSE, FALSE, sizeof(struct factor));
	struct lu_savings *savings = NULL;

	if (!json_array_size(taken))
		wrong(error, "no good run");
	else if (is_alike(taken, error) && find_factors(taken, factors, error))
		savings = make(taken, factors);
	if (savings && !savings->effects) {
		wrong(error,
		      "the runs do not tell %u switches apart: it takes good runs with none of "
		      "them, with all, and as many different ones as there are switches, as "
		      "\"design\": \"screening\" makes them",
		      factors->len);
		lu_savings_free(savings);
		return NULL;
	}
	if (savings)
		savings->left_out = (unsigned)json_array_size(results) - savings->runs;
	return savings;
}

void lu_savings_free(struct lu_savings *savings)
{
	if (!savings)
		return;
	g_ptr_array_unref(savings->names);
	if (savings->order)
		g_array_unref(savings->order);
	lu_effects_free(savings->effects);
	g_free(savings->title);
	g_free(savings);
}
