/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison of two sets of runs for people. */
#include <math.h>
#include "bench/cli.h"
#include "bench/report/ab.h"
#include "bench/report/group.h"
#include "bench/report/metric.h"
#include "bench/report/values.h"
#include "model/result.h"

static const struct lu_column columns[] = {
	{"metric", "metric"},
	{"median_a", "a", .align = LU_ALIGN_RIGHT},
	{"median_b", "b", .align = LU_ALIGN_RIGHT},
	{"ratio", "b / a", .interval = true},
	{"p", "p", .align = LU_ALIGN_RIGHT},
	{"n", "n", .align = LU_ALIGN_RIGHT},
	{"detectable", "least seen", .align = LU_ALIGN_RIGHT},
	{"runs_for_effect", "runs to see it", .align = LU_ALIGN_RIGHT},
};

static void add_median(struct lu_table *table, const json_t *comparison, const char *name)
{
	const char *metric = lu_cli_get_str(comparison, "metric");
	g_autofree char *text = lu_group_value(metric, comparison, name);

	lu_table_add_number(table, lu_values_number(comparison, name), "%s", text);
}

static void add_ratio(struct lu_table *table, const json_t *comparison)
{
	double ratio = lu_values_number(comparison, "ratio"),
	       low = lu_values_number(comparison, "low");
	double high = lu_values_number(comparison, "high");

	if (isnan(ratio) && !isnan(low))
		lu_table_add_interval(table, low, low, INFINITY, "above ×%.4g", low);
	else if (isnan(low) || isnan(high))
		lu_table_add_number(table, ratio, "×%.4g", ratio);
	else
		lu_table_add_interval(table, ratio, low, high, "×%.4g [%.4g, %.4g]", ratio, low,
				      high);
}

static void add_row(struct lu_table *table, const json_t *comparison)
{
	g_autofree char *title = lu_metric_title(lu_cli_get_str(comparison, "metric"));
	double n_a = lu_values_number(comparison, "n_a"), n_b = lu_values_number(comparison, "n_b");

	lu_table_add_row(table);
	lu_table_add_text(table, title);
	add_median(table, comparison, "median_a");
	add_median(table, comparison, "median_b");
	add_ratio(table, comparison);
	lu_table_add_number(table, lu_values_number(comparison, "p"), "%.4f",
			    lu_values_number(comparison, "p"));
	if (n_a == n_b)
		lu_table_add_number(table, n_a, "%.0f", n_a);
	else
		lu_table_add_number(table, fmin(n_a, n_b), "%.0f, %.0f", n_a, n_b);
	lu_table_add_number(table, lu_values_number(comparison, "detectable"), "×%.4g",
			    lu_values_number(comparison, "detectable"));
	lu_table_add_number(table, lu_values_number(comparison, "runs_for_effect"), "%.0f",
			    lu_values_number(comparison, "runs_for_effect"));
}

static void add_sides(struct lu_document *document, const json_t *comparison)
{
	static const char *const sides[] = {"a", "b"};
	struct lu_list *list = lu_document_add_list(document, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
		const json_t *side = json_object_get(comparison, sides[i]);

		lu_list_add(list, "%s is %s: %lld of %lld runs good, %lld counted", sides[i],
			    lu_cli_get_str(side, "label"),
			    (long long)lu_cli_get_int(side, "good", 0),
			    (long long)lu_cli_get_int(side, "runs", 0),
			    (long long)lu_cli_get_int(side, "counted", 0));
	}
	if (json_is_string(json_object_get(comparison, "differ")))
		lu_list_add(list, "they differ in %s", lu_cli_get_str(comparison, "differ"));
	else
		lu_list_add(list, "they differ in nothing but their seeds");
}

static void add_gates(struct lu_document *document, const json_t *comparison)
{
	const json_t *gates = json_object_get(comparison, "gates");
	struct lu_list *list;
	json_t *gate;
	size_t i;

	if (json_array_size(gates) == 0)
		return;
	g_autofree char *heading =
		g_strdup_printf("Verdict: %s", lu_cli_get_str(comparison, "verdict"));

	list = lu_document_add_list(document, heading);
	json_array_foreach(gates, i, gate)
		lu_list_add(list, "fail if %s: %s", lu_cli_get_str(gate, "gate"),
			    lu_cli_get_str(gate, "verdict"));
	if (json_is_string(json_object_get(comparison, "hosts_differ")))
		lu_list_add(
			list,
			"a and b ran on different hosts: %s; --mixed compares them all the same",
			lu_cli_get_str(comparison, "hosts_differ"));
}

static void add_notes(struct lu_document *document, const json_t *comparison)
{
	bool paired = g_str_equal(lu_cli_get_str(comparison, "design"), "paired");
	struct lu_list *list = lu_document_add_list(document, NULL);

	lu_list_add(
		list,
		"b / a: Hodges and Lehmann's estimate with its 95 %% interval, p: the rank test "
		"that this is of (%s)",
		paired ? "Wilcoxon's for pairs" : "Mann and Whitney");
	lu_list_add(list,
		    "least seen: the least change that so many %s tell from what is allowed with a "
		    "probability of %.0f %%; runs to see it: how many %s see ×%.4g so",
		    paired ? "pairs" : "runs", lu_values_number(comparison, "power") * 100,
		    paired ? "pairs" : "a side", lu_values_number(comparison, "effect"));
}

struct lu_document *lu_ab_document(const json_t *comparison)
{
	struct lu_document *document = lu_document_new("a against b");
	struct lu_table *table = lu_table_new(NULL);
	json_t *each;
	size_t i;

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	json_array_foreach(json_object_get(comparison, "metrics"), i, each) add_row(table, each);
	add_sides(document, comparison);
	lu_document_add_table(document, table);
	add_gates(document, comparison);
	add_notes(document, comparison);
	return document;
}
