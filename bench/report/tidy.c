/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as tidy data. */
#include "bench/report/tidy.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/alike.h"
#include "bench/report/metric.h"
#include "bench/report/render.h"
#include "bench/report/values.h"

/* Times that may be below what a run can tell: their flags are there whether or not one is. */
static const char *const may_be_censored[] = {"blackout_ns", "interruptions_sum_ns",
					      "switchover_ns", "blackout_worst_connection_ns"};

/* Every value below node that is not an object, under its dotted name. */
static void flatten(json_t *row, const char *prefix, const json_t *node)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node, key, value)
	{
		g_autofree char *name =
			prefix ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);

		if (json_is_object(value))
			flatten(row, name, value);
		else if (!json_is_array(value))
			json_object_set(row, name, value);
	}
}

static void put(json_t *row, const char *name, json_t *value)
{
	json_object_set_new(row, name, value ? json_incref(value) : json_null());
}

static void add_run(json_t *row, const json_t *result)
{
	put(row, "run_id", lu_cli_get(result, "run.id"));
	put(row, "label", lu_cli_get(result, "run.label"));
	put(row, "started", lu_cli_get(result, "run.started"));
	put(row, "plan_hash", json_object_get(result, "plan_hash"));
	flatten(row, NULL, json_object_get(result, "plan"));
}

/* What it ran on, which is what makes runs alike. */
static void add_conditions(json_t *row, const json_t *result)
{
	json_t *description = lu_alike_describe(result);

	flatten(row, NULL, lu_cli_get(description, "on.host"));
	put(row, "accelerator", lu_cli_get(description, "on.accelerator"));
	flatten(row, NULL, lu_cli_get(description, "on.guest"));
	json_decref(description);
}

static void add_outcome(json_t *row, const json_t *result)
{
	const char *name;
	json_t *oracle;

	put(row, "outcome", json_object_get(result, "outcome"));
	put(row, "phase", json_object_get(result, "phase"));
	put(row, "reason", json_object_get(result, "reason"));
	json_object_set_new(row, "good", json_boolean(lu_result_good(result)));
	put(row, "validity", lu_cli_get(result, "validity.verdict"));
	json_object_foreach(json_object_get(result, "oracles"), name, oracle)
	{
		g_autofree char *column = g_strconcat("oracles.", name, NULL);

		put(row, column, json_object_get(oracle, "verdict"));
	}
}

static bool has_flag(const char *metric)
{
	const char *name = lu_metric_of_service(metric, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(may_be_censored); i++)
		if (strcmp(may_be_censored[i], name) == 0)
			return true;
	return false;
}

/* As statistics take it: "never" is no number, and below the floor is the floor, which is said. */
static void add_metric(json_t *row, const json_t *metrics, const char *name, const json_t *value)
{
	struct lu_values *values = lu_values_new();

	lu_values_add(values, metrics, name, value);
	const struct lu_censored one = lu_values_get(values);
	bool is_bound = one.n && one.low[0] < one.high[0];

	if (!one.n)
		json_object_set_new(row, name, json_null());
	else if (json_is_integer(value) && !is_bound)
		json_object_set(row, name, (json_t *)value);
	else
		json_object_set_new(row, name, json_real(one.high[0]));
	if (has_flag(name) || is_bound) {
		g_autofree char *flag = g_strconcat(name, ".censored", NULL);

		json_object_set_new(row, flag, json_boolean(is_bound));
	}
	lu_values_free(values);
}

/* Names of the quantiles there that are lower bounds; NULL: there are no quantiles. */
static const json_t *lower_bounds_of(const json_t *metrics, const json_t *node)
{
	return node == metrics ? lu_cli_get(metrics, "latency.upgrade.lower_bounds")
			       : json_object_get(node, "lower_bounds");
}

/* As those lists call it; NULL: it is none. */
static const char *quantile_of(const char *key)
{
	static const char *const quantiles[] = {"p50_ns",  "p90_ns", "p99_ns",
						"p999_ns", "max_ns", NULL};

	if (strcmp(key, "max_latency_ns") == 0)
		return "max_ns";
	return g_strv_contains(quantiles, key) ? key : NULL;
}

/* Requests that were given up waited for longer than they are counted. */
static void add_at_least(json_t *row, const char *name, const json_t *lower_bounds, const char *key)
{
	const char *quantile = quantile_of(key);
	bool at_least = false;
	json_t *bound;
	size_t i;

	if (!quantile || !lower_bounds)
		return;
	json_array_foreach(lower_bounds, i, bound) at_least |=
		g_strcmp0(json_string_value(bound), quantile) == 0;
	g_autofree char *flag = g_strconcat(name, ".at_least", NULL);

	json_object_set_new(row, flag, json_boolean(at_least));
}

/* A row and the metrics that it is made of. */
struct columns {
	json_t *row;
	const json_t *metrics;
};

static void add_columns(void *data, const struct lu_metric_value *metric)
{
	const struct columns *to = data;

	add_metric(to->row, to->metrics, metric->name, metric->value);
	add_at_least(to->row, metric->name, lower_bounds_of(to->metrics, metric->node),
		     metric->key);
}

json_t *lu_tidy_rows(const json_t *results)
{
	json_t *rows = json_array(), *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		json_t *row = json_object();
		struct columns to = {row, json_object_get(result, "metrics")};

		add_run(row, result);
		add_conditions(row, result);
		add_outcome(row, result);
		lu_metric_each(to.metrics, add_columns, &to);
		json_array_append_new(rows, row);
	}
	return rows;
}

/* All names, in the order in which they first come. Borrowed from the rows. */
static GPtrArray *names_of(const json_t *rows)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *names = g_ptr_array_new();
	const char *name;
	json_t *row, *value;
	size_t i;

	json_array_foreach(rows, i, row) json_object_foreach(row, name, value)
	{
		if (g_hash_table_add(known, (gpointer)name))
			g_ptr_array_add(names, (gpointer)name);
	}
	return names;
}

static void add_cell(struct lu_table *table, const json_t *value)
{
	if (json_is_string(value))
		lu_table_add_text(table, json_string_value(value));
	else if (json_is_number(value))
		lu_table_add_number(table, json_number_value(value), "%g",
				    json_number_value(value));
	else if (json_is_boolean(value))
		/* R takes no other words for it, and pandas these, too */
		lu_table_add_text(table, json_is_true(value) ? "TRUE" : "FALSE");
	else
		lu_table_add_missing(table, "");
}

void lu_tidy_print_csv(FILE *out, const json_t *rows)
{
	struct lu_document *document = lu_document_new("Runs");
	struct lu_table *table = lu_table_new(NULL);
	g_autoptr(GPtrArray) names = names_of(rows);
	json_t *row;
	size_t i;

	for (guint k = 0; k < names->len; k++) {
		const struct lu_column column = {.heading = g_ptr_array_index(names, k)};

		lu_table_add_columns(table, &column, 1);
	}
	json_array_foreach(rows, i, row)
	{
		lu_table_add_row(table);
		for (guint k = 0; k < names->len; k++)
			add_cell(table, json_object_get(row, g_ptr_array_index(names, k)));
	}
	lu_document_add_table(document, table);
	lu_render_csv(out, document);
	lu_document_free(document);
}

void lu_tidy_print_jsonl(FILE *out, const json_t *rows)
{
	g_autoptr(GPtrArray) names = names_of(rows);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *whole = json_object();

		for (guint k = 0; k < names->len; k++)
			put(whole, g_ptr_array_index(names, k),
			    json_object_get(row, g_ptr_array_index(names, k)));
		json_dumpf(whole, out, JSON_COMPACT);
		fputc('\n', out);
		json_decref(whole);
	}
}
bool lu_tidy_print(FILE *out, const json_t *results, const char *format)
{
	bool csv = strcmp(format, "csv") == 0;

	if (!csv && strcmp(format, "jsonl") != 0)
		return false;
	json_t *rows = lu_tidy_rows(results);

	if (csv)
		lu_tidy_print_csv(out, rows);
	else
		lu_tidy_print_jsonl(out, rows);
	json_decref(rows);
	return true;
}
