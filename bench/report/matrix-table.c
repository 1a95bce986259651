/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as tables: texts of cells. */
#include "bench/report/matrix-table.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/matrix-cell.h"
#include "bench/report/metric.h"
#include "model/result.h"

static unsigned number_of(GPtrArray *reasons, const json_t *reason)
{
	const char *phase = json_string_value(json_object_get(reason, "phase"));
	const char *why = json_string_value(json_object_get(reason, "reason"));
	g_autofree char *text =
		g_strdup_printf("%s%s%s: %s", lu_cli_get_str(reason, "outcome"),
				phase ? " in " : "", phase ? phase : "", why ? why : "?");
	guint index;

	if (g_ptr_array_find_with_equal_func(reasons, text, g_str_equal, &index))
		return index + 1;
	g_ptr_array_add(reasons, g_steal_pointer(&text));
	return reasons->len;
}

/* "3.21 s  ×1.9"; ~ when the difference may be chance. */
static void append_value(GString *text, const char *metric, const json_t *stats)
{
	g_autofree char *value = lu_group_value(metric, stats, "median");
	const json_t *ratio = json_object_get(stats, "ratio");

	g_string_append(text, value);
	if (!json_is_number(ratio) || json_number_value(ratio) <= 0)
		return;
	g_string_append_printf(text, "  ×%.3g", json_number_value(ratio));
	if (lu_matrix_may_be_chance(stats))
		g_string_append_c(text, '~');
}

static void append_interval(GString *text, const char *metric, const json_t *stats,
			    int64_t left_out)
{
	const json_t *low = json_object_get(stats, "ci_low");

	int64_t n = lu_cli_get_int(stats, "n", 0), all = n + left_out;

	g_string_append_printf(text, "\nn=%" G_GINT64_FORMAT, n);
	if (left_out)
		g_string_append_printf(text, " of %" G_GINT64_FORMAT, all);
	if (!json_is_number(low) || lu_group_censored(stats, "max") ||
	    json_number_value(json_object_get(stats, "max")) == 0)
		return;
	g_autofree char *from = lu_group_value(metric, stats, "ci_low");
	g_autofree char *to = lu_group_value(metric, stats, "ci_high");

	g_string_append_printf(text, " [%s, %s]", from, to);
}

/* Outcomes that are not good, with the numbers of their reasons. */
static void append_outcome(GString *text, const json_t *cell, GPtrArray *reasons)
{
	int64_t runs = lu_cli_get_int(cell, "runs", 0), good = lu_cli_get_int(cell, "good", 0);
	json_t *reason;
	size_t i;

	if (runs == good)
		return;
	if (text->len)
		g_string_append_c(text, '\n');
	if (good)
		g_string_append_printf(text, "%lld of %lld good", (long long)good, (long long)runs);
	else
		g_string_append(text, lu_matrix_outcome(cell));
	json_array_foreach(json_object_get(cell, "reasons"), i, reason)
		g_string_append_printf(text, " (%u)", number_of(reasons, reason));
}

static void append_verdicts(GString *text, const json_t *cell)
{
	static const enum lu_verdict order[] = {LU_FAIL, LU_WAIVED, LU_PASS};
	static const char *const words[] = {"FAIL", "waived", "pass"};
	const char *separator = "\n";

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		unsigned n = lu_matrix_oracles(cell, lu_verdict_name(order[i]));

		if (!n)
			continue;
		g_string_append_printf(text, "%s%u %s", separator, n, words[i]);
		separator = ", ";
	}
}

/* In the unit in which the metric is shown; NAN: none. */
static double stat(const char *metric, const json_t *stats, const char *name)
{
	const json_t *value = json_object_get(stats, name);
	const char *unit;

	return json_is_number(value) ? json_number_value(value) / lu_metric_scale(metric, &unit)
				     : NAN;
}

static void add_cell(struct lu_table *table, const json_t *cell, const char *metric,
		     GPtrArray *reasons)
{
	const json_t *stats = json_object_get(json_object_get(cell, "metrics"), metric);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!json_is_object(cell)) {
		lu_table_add_missing(table, "not run");
		return;
	}
	if (stats) {
		append_value(text, metric, stats);
		append_interval(text, metric, stats,
				lu_cli_get_int(cell, "repeated_seeds", 0) +
					lu_cli_get_int(cell, "suspect_left_out", 0));
	}
	if (!stats && lu_cli_get_int(cell, "suspect_left_out", 0))
		g_string_append_printf(text, "%lld suspect",
				       (long long)lu_cli_get_int(cell, "suspect_left_out", 0));
	append_outcome(text, cell, reasons);
	append_verdicts(text, cell);
	if (stats)
		lu_table_add_interval(table, stat(metric, stats, "median"),
				      stat(metric, stats, "ci_low"), stat(metric, stats, "ci_high"),
				      "%s", text->str);
	else
		lu_table_add_text(table, text->str);
}

static void add_columns(struct lu_table *table, const json_t *matrix, const char *metric)
{
	const struct lu_column strategy = {"strategy", "", .break_words = true};
	struct lu_column workload = {.interval = true};
	json_t *label;
	size_t i;

	lu_table_add_columns(table, &strategy, 1);
	lu_metric_scale(metric, &workload.unit);
	json_array_foreach(json_object_get(matrix, "columns"), i, label)
	{
		workload.heading = json_string_value(label);
		lu_table_add_columns(table, &workload, 1);
	}
}

struct lu_table *lu_matrix_table(const json_t *matrix, const char *metric, GPtrArray *reasons)
{
	const char *baseline = json_string_value(json_object_get(matrix, "baseline"));
	g_autofree char *title = lu_metric_title(metric);
	struct lu_table *table = lu_table_new(title);
	json_t *row, *cell;
	size_t i, k;

	lu_table_set_summary(table, "median of the good runs; × is the factor to %s.",
			     baseline ? baseline : "the least median of the column");
	add_columns(table, matrix, metric);
	json_array_foreach(json_object_get(matrix, "rows"), i, row)
	{
		lu_table_add_row(table);
		lu_table_add_text(table, lu_cli_get_str(row, "label"));
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			add_cell(table, cell, metric, reasons);
	}
	return table;
}
