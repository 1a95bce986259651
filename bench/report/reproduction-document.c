/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a result was reproduced, for people. */
#include <math.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/metric.h"
#include "bench/report/reproduction.h"
#include "bench/report/values.h"

static const struct lu_column columns[] = {
	{"metric", "metric"},
	{"original", "result", .align = LU_ALIGN_RIGHT},
	{"median", "runs now", .align = LU_ALIGN_RIGHT},
	{"expected", "one more expected in", .interval = true},
	{"n", "n", .align = LU_ALIGN_RIGHT},
	{"verdict", "verdict"},
};

static void add_value(struct lu_table *table, const json_t *metric, const char *name)
{
	g_autofree char *text = lu_group_value(lu_cli_get_str(metric, "metric"), metric, name);

	lu_table_add_number(table, lu_values_number(metric, name), "%s", text);
}

static void add_expected(struct lu_table *table, const json_t *metric)
{
	const char *name = lu_cli_get_str(metric, "metric");
	double low = lu_values_number(metric, "low"), high = lu_values_number(metric, "high");

	if (isnan(low) || isnan(high)) {
		lu_table_add_missing(table, "");
		return;
	}
	g_autofree char *from = lu_metric_format(name, low), *to = lu_metric_format(name, high);

	lu_table_add_interval(table, lu_values_number(metric, "median"), low, high, "%s to %s",
			      from, to);
}

static void add_row(struct lu_table *table, const json_t *metric)
{
	g_autofree char *title = lu_metric_title(lu_cli_get_str(metric, "metric"));

	lu_table_add_row(table);
	lu_table_add_text(table, title);
	add_value(table, metric, "original");
	add_value(table, metric, "median");
	add_expected(table, metric);
	lu_table_add_number(table, lu_values_number(metric, "n"), "%.0f",
			    lu_values_number(metric, "n"));
	lu_table_add_text(table, lu_cli_get_str(metric, "verdict"));
}

static void add_table(struct lu_document *document, const json_t *judgement)
{
	struct lu_table *table = lu_table_new(NULL);
	json_t *metric;
	size_t i;

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	json_array_foreach(json_object_get(judgement, "metrics"), i, metric) add_row(table, metric);
	lu_document_add_table(document, table);
}

static void add_remarks(struct lu_document *document, const json_t *judgement)
{
	const json_t *differ = json_object_get(judgement, "differ");
	struct lu_list *list = lu_document_add_list(document, NULL);
	json_t *outcome;
	size_t i;

	if (json_is_string(differ))
		lu_list_add(list, "other conditions (result, now): %s", json_string_value(differ));
	json_array_foreach(json_object_get(judgement, "outcomes"), i, outcome)
		lu_list_add(list, "%s: %s in the result, %s now", lu_cli_get_str(outcome, "what"),
			    lu_cli_get_str(outcome, "original"), lu_cli_get_str(outcome, "repeat"));
	if (json_is_true(json_object_get(judgement, "simulated")))
		lu_list_add(list, "simulated: the same plan and seed give the same figures, or "
				  "the simulator has changed");
	else
		lu_list_add(list, "expected: where one more run lies with 95 %% for all metrics "
				  "together, when logarithms scatter normally");
}

struct lu_document *lu_reproduction_document(const json_t *judgement)
{
	struct lu_document *document = lu_document_new("a result, run again");
	const char *why = lu_cli_get_str(judgement, "why");

	lu_document_add_paragraph(document, "%s: %s%s%s; %d runs, %d counted",
				  lu_cli_get_str(judgement, "original"),
				  lu_cli_get_str(judgement, "verdict"), *why ? ": " : "", why,
				  (int)lu_cli_get_int(judgement, "runs", 0),
				  (int)lu_cli_get_int(judgement, "counted", 0));
	if (json_array_size(json_object_get(judgement, "metrics")))
		add_table(document, judgement);
	add_remarks(document, judgement);
	return document;
}
