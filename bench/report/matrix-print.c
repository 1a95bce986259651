/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as text or Markdown: tables, then reasons and verdicts. */
#include "bench/report/matrix-print.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/matrix.h"
#include "bench/report/metric.h"
#include "model/result.h"

#define LIKELY_CHANCE 0.05

/* One form of text and another. */
struct style {
	FILE *out;
	bool md;
	GPtrArray *notes; /* reasons, in order of appearance: "refused: …" */
};

static unsigned note_number(struct style *style, const json_t *reason)
{
	const char *phase = json_string_value(json_object_get(reason, "phase"));
	const char *why = json_string_value(json_object_get(reason, "reason"));
	g_autofree char *text =
		g_strdup_printf("%s%s%s: %s", lu_cli_get_str(reason, "outcome"),
				phase ? " in " : "", phase ? phase : "", why ? why : "?");
	guint index;

	if (g_ptr_array_find_with_equal_func(style->notes, text, g_str_equal, &index))
		return index + 1;
	g_ptr_array_add(style->notes, g_steal_pointer(&text));
	return style->notes->len;
}

/* A blackout of 0 is one that cannot be told from the run's noise, which says more than 0. */
static char *value_of(const json_t *cell, const char *metric, const json_t *stats)
{
	double median = json_number_value(json_object_get(stats, "median"));
	const json_t *noise = json_object_get(cell, "floor_ns");

	if (median > 0 || strcmp(metric, "blackout_ns") != 0 || !json_is_number(noise))
		return lu_metric_format(metric, median);
	g_autofree char *text = lu_metric_format(metric, json_number_value(noise));

	return g_strdup_printf("< %s", text);
}

/* "3.21 s  ×1.9"; ~ when the difference may be chance. */
static void add_value(GString *text, const json_t *cell, const char *metric, const json_t *stats)
{
	g_autofree char *value = value_of(cell, metric, stats);
	const json_t *ratio = json_object_get(stats, "ratio"), *p = json_object_get(stats, "p");

	g_string_append(text, value);
	if (!json_is_number(ratio) || json_number_value(ratio) <= 0)
		return;
	g_string_append_printf(text, "  ×%.3g", json_number_value(ratio));
	if (json_is_number(p) && json_number_value(p) >= LIKELY_CHANCE)
		g_string_append_c(text, '~');
}

static void add_interval(GString *text, const char *metric, const json_t *stats)
{
	const json_t *low = json_object_get(stats, "ci_low");
	const json_t *most = json_object_get(stats, "max");

	g_string_append_printf(text, "\nn=%lld", (long long)lu_cli_get_int(stats, "n", 0));
	if (!json_is_number(low) || json_number_value(most) == 0)
		return;
	g_autofree char *from = lu_metric_format(metric, json_number_value(low));
	g_autofree char *to =
		lu_metric_format(metric, json_number_value(json_object_get(stats, "ci_high")));

	g_string_append_printf(text, " [%s, %s]", from, to);
}

/* What is not good, with the numbers of its reasons. */
static void add_outcome(GString *text, struct style *style, const json_t *cell)
{
	const json_t *reasons = json_object_get(cell, "reasons");
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
	json_array_foreach(reasons, i, reason)
		g_string_append_printf(text, " (%u)", note_number(style, reason));
}

static void add_verdicts(GString *text, const json_t *cell)
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

/* Lines; caller frees. */
static char *cell_text(struct style *style, const json_t *cell, const char *metric)
{
	const json_t *stats = json_object_get(json_object_get(cell, "metrics"), metric);
	GString *text = g_string_new(NULL);

	if (!json_is_object(cell))
		return g_string_free(g_string_append(text, "not run"), FALSE);
	if (stats) {
		add_value(text, cell, metric, stats);
		add_interval(text, metric, stats);
	}
	add_outcome(text, style, cell);
	add_verdicts(text, cell);
	return g_string_free(text, FALSE);
}

/* All texts of a table, row by row, the header first. */
static GPtrArray *texts_of(struct style *style, const json_t *matrix, const char *metric)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	json_t *row, *cell, *column;
	size_t i, k;

	g_ptr_array_add(texts, g_strdup(style->md ? " " : ""));
	json_array_foreach(json_object_get(matrix, "columns"), i, column)
		g_ptr_array_add(texts, g_strdup(json_string_value(column)));
	json_array_foreach(json_object_get(matrix, "rows"), i, row)
	{
		g_ptr_array_add(texts, g_strdup(lu_cli_get_str(row, "label")));
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			g_ptr_array_add(texts, cell_text(style, cell, metric));
	}
	return texts;
}

static int width_of(const GPtrArray *texts, guint columns, guint column)
{
	glong most = 0;

	for (guint i = column; i < texts->len; i += columns) {
		g_auto(GStrv) lines = g_strsplit(g_ptr_array_index(texts, i), "\n", -1);

		for (char **line = lines; *line; line++)
			most = MAX(most, g_utf8_strlen(*line, -1));
	}
	return (int)most;
}

/* Labels of rows break between words, like cells between lines. */
static char **lines_of(const GPtrArray *texts, guint columns, guint i)
{
	const char *text = g_ptr_array_index(texts, i);

	return g_strsplit(text, i % columns == 0 ? " " : "\n", -1);
}

static bool print_line(FILE *out, const GPtrArray *texts, guint columns, guint row, guint n)
{
	g_autoptr(GString) line = g_string_new(NULL);
	bool any = false;

	for (guint column = 0; column < columns; column++) {
		g_auto(GStrv) lines = lines_of(texts, columns, row * columns + column);
		const char *text = n < g_strv_length(lines) ? lines[n] : "";
		int width = width_of(texts, columns, column) + 3;

		any |= n < g_strv_length(lines);
		g_string_append(line, text);
		g_string_append_printf(line, "%*s", MAX(0, width - (int)g_utf8_strlen(text, -1)),
				       "");
	}
	if (any)
		fprintf(out, "%s\n", g_strchomp(line->str));
	return any;
}

static void print_text_table(FILE *out, const GPtrArray *texts, guint columns)
{
	for (guint row = 0; row < texts->len / columns; row++) {
		for (guint n = 0; print_line(out, texts, columns, row, n); n++)
			;
		fputc('\n', out);
	}
}

static void print_md_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("<br>", out);
		else if (strchr("|~\\*_<", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void print_md_table(FILE *out, const GPtrArray *texts, guint columns)
{
	for (guint i = 0; i < texts->len; i++) {
		fputs(i % columns ? " | " : "| ", out);
		print_md_cell(out, g_ptr_array_index(texts, i));
		if (i % columns == columns - 1)
			fputs(" |\n", out);
		for (guint k = 0; i == columns - 1 && k <= columns; k++)
			fputs(k == columns ? "|\n" : "|---", out);
	}
	fputc('\n', out);
}

static void print_title(const struct style *style, const json_t *matrix, const char *metric)
{
	const char *baseline = json_string_value(json_object_get(matrix, "baseline"));
	g_autofree char *title = lu_metric_title(metric);

	if (style->md)
		fprintf(style->out, "**%s**: median of the good runs; × is the factor to ", title);
	else
		fprintf(style->out, "%s: median of the good runs; × is the factor to ", title);
	if (baseline)
		fprintf(style->out, "%s.\n\n", baseline);
	else
		fputs("the least of the column.\n\n", style->out);
}

static void print_heading(const struct style *style, const char *text)
{
	fprintf(style->out, style->md ? "**%s**\n\n" : "%s\n", text);
}

static void print_notes(const struct style *style)
{
	if (!style->notes->len)
		return;
	print_heading(style, "Reasons");
	for (guint i = 0; i < style->notes->len; i++)
		fprintf(style->out, style->md ? "- (%u) %s\n" : "  (%u) %s\n", i + 1,
			(const char *)g_ptr_array_index(style->notes, i));
	fputc('\n', style->out);
}

struct verdicts {
	unsigned cells, all, passed;
	GString *failed, *waived;
};

static void add_cell_verdicts(struct verdicts *verdicts, const struct style *style, const char *row,
			      const char *column, const json_t *cell)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(json_object_get(cell, "oracles"), name, oracle)
	{
		const char *verdict = lu_cli_get_str(oracle, "verdict");
		bool passed = strcmp(verdict, lu_verdict_name(LU_PASS)) == 0;
		bool waived = strcmp(verdict, lu_verdict_name(LU_WAIVED)) == 0;

		verdicts->all++;
		verdicts->passed += passed;
		if (!passed)
			g_string_append_printf(waived ? verdicts->waived : verdicts->failed,
					       "%s %s × %s: %s %s: %s\n", style->md ? "-" : " ",
					       row, column, name, waived ? "waived" : "FAILED",
					       lu_cli_get_str(oracle, "evidence"));
	}
}

static void print_verdicts(const struct style *style, const json_t *matrix)
{
	struct verdicts verdicts = {.failed = g_string_new(NULL), .waived = g_string_new(NULL)};
	const json_t *columns = json_object_get(matrix, "columns");
	json_t *row, *cell;
	size_t i, k;

	json_array_foreach(json_object_get(matrix, "rows"), i, row)
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			add_cell_verdicts(&verdicts, style, lu_cli_get_str(row, "label"),
					  json_string_value(json_array_get(columns, k)), cell);
	g_autofree char *heading =
		g_strdup_printf("Oracles: %u of %u pass", verdicts.passed, verdicts.all);

	print_heading(style, heading);
	fprintf(style->out, "%s%s\n", verdicts.failed->str, verdicts.waived->str);
	g_string_free(verdicts.failed, TRUE);
	g_string_free(verdicts.waived, TRUE);
}

/* What has to be said of what stands there. */
struct caveats {
	bool few, chance, small, unseen;
};

/* Medians hardly feel a few values that change sides: with five against five of hardly any scatter
 * most splits have the difference that was observed. */
#define ENOUGH_FOR_P 8

static void add_caveats(struct caveats *caveats, const json_t *cell, const char *metric,
			const json_t *stats)
{
	const json_t *p = json_object_get(stats, "p");
	bool chance = json_is_number(p) && json_number_value(p) >= LIKELY_CHANCE;

	caveats->few |= !json_is_number(json_object_get(stats, "ci_low"));
	caveats->chance |= chance;
	caveats->small |= chance && lu_cli_get_int(stats, "n", 0) < ENOUGH_FOR_P;
	caveats->unseen |=
		strcmp(metric, "blackout_ns") == 0 && lu_cli_get_int(stats, "median", 0) == 0;
}

static void gather_caveats(struct caveats *caveats, const json_t *matrix)
{
	json_t *row, *cell, *stats;
	const char *name;
	size_t i, k;

	json_array_foreach(json_object_get(matrix, "rows"), i, row)
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			json_object_foreach(json_object_get(cell, "metrics"), name, stats)
				add_caveats(caveats, cell, name, stats);
}

static void print_caveat(const struct style *style, bool applies, const char *text)
{
	if (applies)
		fprintf(style->out, "%s%s\n", style->md ? "- " : "", text);
}

static void print_caveats(const struct style *style, const json_t *matrix)
{
	struct caveats caveats = {0};

	gather_caveats(&caveats, matrix);
	print_caveat(style, true, "[…] 95 % bootstrap interval of the median, from n=3 on");
	print_caveat(style, caveats.few,
		     "n below 3: single observations; their differences may be chance");
	print_caveat(style, caveats.chance,
		     "~ the difference may be chance: permutation test on medians, p ≥ 0.05");
	print_caveat(
		style, caveats.small,
		"with n below 8 this test on medians can hardly tell any difference: repeat more");
	print_caveat(style, caveats.unseen,
		     "< no gap was longer than what the runs' own steady state shows");
}

static void print(struct style *style, const json_t *matrix)
{
	guint columns = (guint)json_array_size(json_object_get(matrix, "columns")) + 1;
	json_t *metric;
	size_t i;

	style->notes = g_ptr_array_new_with_free_func(g_free);
	json_array_foreach(json_object_get(matrix, "metrics"), i, metric)
	{
		g_autoptr(GPtrArray) texts = texts_of(style, matrix, json_string_value(metric));

		print_title(style, matrix, json_string_value(metric));
		if (style->md)
			print_md_table(style->out, texts, columns);
		else
			print_text_table(style->out, texts, columns);
	}
	print_notes(style);
	print_verdicts(style, matrix);
	print_caveats(style, matrix);
	g_ptr_array_unref(style->notes);
}

void lu_matrix_print_text(FILE *out, const json_t *matrix)
{
	struct style style = {.out = out};

	print(&style, matrix);
}

void lu_matrix_print_md(FILE *out, const json_t *matrix)
{
	struct style style = {.out = out, .md = true};

	print(&style, matrix);
}
