/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as records: a row for each cell and metric. */
#include "bench/report/matrix-records.h"
#include <math.h>
#include "bench/cli.h"
#include "bench/report/matrix-cell.h"
#include "model/result.h"

static const struct lu_column columns[] = {
	{.heading = "strategy"},
	{.heading = "workload"},
	{.heading = "metric"},
	{.heading = "outcome"},
	{.heading = "runs"},
	{.heading = "n"},
	{.heading = "median"},
	{.heading = "ci_low"},
	{.heading = "ci_high"},
	{.heading = "min"},
	{.heading = "max"},
	{.heading = "ratio"},
	{.heading = "p"},
	{.heading = "n_censored"},
	{.heading = "censored"},
	{.heading = "oracles_pass"},
	{.heading = "oracles_fail"},
	{.heading = "oracles_waived"},
	{.heading = "reasons"},
};

static void add_number(struct lu_table *table, const json_t *value)
{
	double number = json_is_number(value) ? json_number_value(value) : NAN;

	lu_table_add_number(table, number, "%.17g", number);
}

/* Names of the statistics that are only bounds. */
static void add_names(struct lu_table *table, const json_t *names)
{
	g_autoptr(GString) all = g_string_new(NULL);
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		g_string_append_printf(all, "%s%s", i ? " " : "", json_string_value(name));
	lu_table_add_text(table, all->str);
}

static void add_stats(struct lu_table *table, const json_t *cell, const char *metric)
{
	static const char *const names[] = {"n",   "median", "ci_low", "ci_high",
					    "min", "max",    "ratio",  "p"};
	const json_t *stats = json_object_get(json_object_get(cell, "metrics"), metric);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		add_number(table, json_object_get(stats, names[i]));
	add_number(table, json_object_get(stats, "n_censored"));
	add_names(table, json_object_get(stats, "censored"));
}

static void add_reasons(struct lu_table *table, const json_t *cell)
{
	g_autoptr(GString) all = g_string_new(NULL);
	json_t *reason;
	size_t i;

	json_array_foreach(json_object_get(cell, "reasons"), i, reason) g_string_append_printf(
		all, "%s%s: %s", i ? "; " : "", lu_cli_get_str(reason, "outcome"),
		lu_cli_get_str(reason, "reason"));
	lu_table_add_text(table, all->str);
}

static void add_record(struct lu_table *table, const char *row, const char *column,
		       const char *metric, const json_t *cell)
{
	static const enum lu_verdict verdicts[] = {LU_PASS, LU_FAIL, LU_WAIVED};

	lu_table_add_row(table);
	lu_table_add_text(table, row);
	lu_table_add_text(table, column);
	lu_table_add_text(table, metric);
	lu_table_add_text(table, json_is_object(cell) ? lu_matrix_outcome(cell) : "not run");
	add_number(table, json_object_get(cell, "runs"));
	add_stats(table, cell, metric);
	for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
		unsigned n = lu_matrix_oracles(cell, lu_verdict_name(verdicts[i]));

		lu_table_add_number(table, n, "%u", n);
	}
	add_reasons(table, cell);
}

struct lu_document *lu_matrix_records(const json_t *matrix)
{
	struct lu_document *document = lu_document_new("Strategies over workloads");
	struct lu_table *table = lu_table_new(NULL);
	const json_t *labels = json_object_get(matrix, "columns");
	json_t *metric, *row, *cell;
	size_t m, i, k;

	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	json_array_foreach(json_object_get(matrix, "metrics"), m, metric)
		json_array_foreach(json_object_get(matrix, "rows"), i, row)
			json_array_foreach(json_object_get(row, "cells"), k, cell)
				add_record(table, lu_cli_get_str(row, "label"),
					   json_string_value(json_array_get(labels, k)),
					   json_string_value(metric), cell);
	lu_document_add_table(document, table);
	return document;
}
