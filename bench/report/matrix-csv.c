/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as CSV (RFC 4180): a line a cell and metric. */
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/matrix-print.h"
#include "bench/report/matrix.h"
#include "model/result.h"

static void text(FILE *out, const char *value, const char *end)
{
	if (!strpbrk(value, ",\"\r\n")) {
		fprintf(out, "%s%s", value, end);
		return;
	}
	g_auto(GStrv) parts = g_strsplit(value, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);

	fprintf(out, "\"%s\"%s", doubled, end);
}

static void number(FILE *out, const json_t *value)
{
	if (json_is_number(value))
		fprintf(out, "%.17g", json_number_value(value));
	fputc(',', out);
}

static void print_stats(FILE *out, const json_t *cell, const char *metric)
{
	static const char *const names[] = {"n",   "median", "ci_low", "ci_high",
					    "min", "max",    "ratio",  "p"};
	const json_t *stats = json_object_get(json_object_get(cell, "metrics"), metric);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		number(out, json_object_get(stats, names[i]));
}

static void print_reasons(FILE *out, const json_t *cell)
{
	g_autoptr(GString) all = g_string_new(NULL);
	json_t *reason;
	size_t i;

	json_array_foreach(json_object_get(cell, "reasons"), i, reason) g_string_append_printf(
		all, "%s%s: %s", i ? "; " : "", lu_cli_get_str(reason, "outcome"),
		lu_cli_get_str(reason, "reason"));
	text(out, all->str, "\r\n");
}

static void print_cell(FILE *out, const char *row, const char *column, const char *metric,
		       const json_t *cell)
{
	static const enum lu_verdict verdicts[] = {LU_PASS, LU_FAIL, LU_WAIVED};

	text(out, row, ",");
	text(out, column, ",");
	text(out, metric, ",");
	text(out, json_is_object(cell) ? lu_matrix_outcome(cell) : "not run", ",");
	number(out, json_object_get(cell, "runs"));
	print_stats(out, cell, metric);
	for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++)
		fprintf(out, "%u,", lu_matrix_oracles(cell, lu_verdict_name(verdicts[i])));
	print_reasons(out, cell);
}

void lu_matrix_print_csv(FILE *out, const json_t *matrix)
{
	const json_t *columns = json_object_get(matrix, "columns");
	json_t *metric, *row, *cell;
	size_t m, i, k;

	fputs("strategy,workload,metric,outcome,runs,n,median,ci_low,ci_high,min,max,ratio,p,"
	      "oracles_pass,oracles_fail,oracles_waived,reasons\r\n",
	      out);
	json_array_foreach(json_object_get(matrix, "metrics"), m, metric)
		json_array_foreach(json_object_get(matrix, "rows"), i, row)
			json_array_foreach(json_object_get(row, "cells"), k, cell)
				print_cell(out, lu_cli_get_str(row, "label"),
					   json_string_value(json_array_get(columns, k)),
					   json_string_value(metric), cell);
}
