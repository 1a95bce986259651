/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as a picture. */
#include "bench/report/plot-matrix.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/matrix-cell.h"
#include "bench/report/metric.h"
#include "bench/report/plot-script.h"
#include "record/error.h"
#include "model/result.h"

/* In pixels of the canvas. */
#define PANEL	  214
#define GAP	  14
#define RIGHT	  16
#define TOP	  104
#define BOTTOM	  62
#define LINE	  36
#define CHARACTER 7.6
#define CAPTION	  680 /* width of the line above */
/* As a part of a panel's width; beyond it a value's text is to the left of its dot. */
#define TURN 0.56

struct picture {
	GString *script;
	const json_t *matrix;
	const char *metric;
	double left, width, height;
	unsigned rows, columns;
	double scale; /* of values */
	const char *unit;
	double low, high; /* of the axis */
};

static const json_t *cell_at(const struct picture *picture, unsigned row, unsigned column)
{
	const json_t *rows = json_object_get(picture->matrix, "rows");

	return json_array_get(json_object_get(json_array_get(rows, row), "cells"), column);
}

static const json_t *stats_at(const struct picture *picture, unsigned row, unsigned column)
{
	return json_object_get(json_object_get(cell_at(picture, row, column), "metrics"),
			       picture->metric);
}

static const char *row_label(const struct picture *picture, unsigned row)
{
	return lu_cli_get_str(json_array_get(json_object_get(picture->matrix, "rows"), row),
			      "label");
}

static double stat(const struct picture *picture, const json_t *stats, const char *name)
{
	return json_number_value(json_object_get(stats, name)) / picture->scale;
}

/* The median; 0 for one that is only a bound. */
static double seen(const struct picture *picture, const json_t *stats)
{
	return lu_group_censored(stats, "median") ? 0 : stat(picture, stats, "median");
}

/* The range of all values, with room for dots at the edges. */
static bool find_range(struct picture *picture)
{
	double low = INFINITY, high = 0;

	for (unsigned row = 0; row < picture->rows; row++)
		for (unsigned column = 0; column < picture->columns; column++) {
			const json_t *stats = stats_at(picture, row, column);

			if (!stats || seen(picture, stats) <= 0)
				continue;
			low = fmin(low, stat(picture, stats, "median"));
			high = fmax(high, stat(picture, stats, "max"));
		}
	picture->low = low / 2;
	picture->high = high * 2;
	/* An axis needs at least two powers of ten. */
	if (floor(log10(picture->high)) - ceil(log10(picture->low)) < 1) {
		picture->low = pow(10, floor(log10(picture->low))) / 2;
		picture->high = pow(10, ceil(log10(picture->high))) * 2;
	}
	return high > 0;
}

static void measure(struct picture *picture)
{
	double longest = 0;

	picture->rows = (unsigned)json_array_size(json_object_get(picture->matrix, "rows"));
	picture->columns = (unsigned)json_array_size(json_object_get(picture->matrix, "columns"));
	for (unsigned row = 0; row < picture->rows; row++)
		longest = fmax(longest, (double)g_utf8_strlen(row_label(picture, row), -1));
	picture->left = 30 + CHARACTER * longest;
	picture->width = fmax(picture->left + picture->columns * (PANEL + GAP) + RIGHT, CAPTION);
	picture->height = TOP + picture->rows * LINE + BOTTOM;
	picture->scale = lu_metric_scale(picture->metric, &picture->unit);
}

/* Powers of ten as people write them: "10 ms", "1 s". */
static void append_tics(const struct picture *picture)
{
	const char *separator = "set xtics (";

	for (int power = (int)ceil(log10(picture->low)); power <= (int)floor(log10(picture->high));
	     power++) {
		g_autofree char *text = strcmp(picture->unit, "s") == 0
						? lu_cli_time((int64_t)(pow(10, power) * 1e9 + 0.5))
						: g_strdup_printf("%g", pow(10, power));
		char *zeros = strstr(text, ".000");

		if (zeros) /* "1.000 s" */
			memmove(zeros, zeros + 4, strlen(zeros + 4) + 1);
		g_string_append(picture->script, separator);
		lu_plot_quote(picture->script, text);
		g_string_append_printf(picture->script, " 1e%d", power);
		separator = ", ";
	}
	g_string_append(picture->script, ") font ',10'\n");
}

static void append_text(const struct picture *picture, const char *text, double x, unsigned row,
			const char *align, const char *colour)
{
	g_string_append(picture->script, "set label ");
	lu_plot_quote(picture->script, text);
	g_string_append_printf(picture->script,
			       " at graph %.4f,first %u %s front font ',11' textcolor rgb '%s'\n",
			       x, row, align, colour);
}

static double place_of(const struct picture *picture, double value)
{
	return log(value / picture->low) / log(picture->high / picture->low);
}

/* Beside the dot, without touching the whisker. */
static void append_value(const struct picture *picture, const json_t *stats, unsigned row)
{
	double median = stat(picture, stats, "median");
	bool interval = json_is_number(json_object_get(stats, "ci_low"));
	double from = interval ? stat(picture, stats, "ci_low") : median;
	double to = interval ? stat(picture, stats, "ci_high") : median;
	g_autofree char *text = lu_metric_format(picture->metric, median * picture->scale);
	bool turned = place_of(picture, to) > TURN;

	append_text(picture, text,
		    turned ? place_of(picture, fmax(from, picture->low)) - 0.05
			   : place_of(picture, to) + 0.05,
		    row, turned ? "right" : "left", LU_PLOT_INK);
}

/* A median of 0, or one that is only a bound, cannot be shown on the axis. */
static void append_zero(const struct picture *picture, const json_t *stats, unsigned row)
{
	g_autofree char *least = lu_group_value(picture->metric, stats, "median");
	g_autofree char *text = lu_group_censored(stats, "median")
					? g_strdup_printf("none seen (%s)", least)
					: g_strdup("0");

	append_text(picture, text, 0.04, row, "left", LU_PLOT_BLUE);
}

static void append_outcome(const struct picture *picture, const json_t *cell, unsigned row,
			   bool beside)
{
	int64_t runs = lu_cli_get_int(cell, "runs", 0), good = lu_cli_get_int(cell, "good", 0);
	const char *outcome = json_is_object(cell) ? lu_matrix_outcome(cell) : "not run";
	bool quiet = strcmp(outcome, lu_outcome_name(LU_REFUSED)) == 0 ||
		     strcmp(outcome, lu_outcome_name(LU_UNSUPPORTED)) == 0 || !json_is_object(cell);
	g_autofree char *share = g_strdup_printf("%d of %d good", (int)good, (int)runs);

	if (!beside)
		append_text(picture, outcome, 0.04, row, "left", quiet ? "#707070" : LU_PLOT_RED);
	else if (good < runs)
		g_string_append_printf(
			picture->script,
			"set label '%s' at graph 0.98,first %g right front font ',9' "
			"textcolor rgb '" LU_PLOT_RED "'\n",
			share, row + 0.34);
}

static void append_cell(const struct picture *picture, unsigned row, unsigned column)
{
	const json_t *cell = cell_at(picture, row, column);
	const json_t *stats = stats_at(picture, row, column);

	append_outcome(picture, cell, row, stats != NULL);
	if (!stats)
		return;
	if (seen(picture, stats) > 0)
		append_value(picture, stats, row);
	else
		append_zero(picture, stats, row);
}

/* Dots of at least three runs, then those of fewer. */
static void append_data(const struct picture *picture, unsigned column)
{
	static const char *const names[] = {"sure", "few"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_string_append_printf(picture->script, "$%s%u << EOD\n", names[i], column);
		for (unsigned row = 0; row < picture->rows; row++) {
			const json_t *stats = stats_at(picture, row, column);
			double median = stats ? seen(picture, stats) : 0;
			bool few = !json_is_number(json_object_get(stats, "ci_low"));

			if (median <= 0 || few != (i == 1))
				continue;
			double low = few ? median : stat(picture, stats, "ci_low");
			double high = few ? median : stat(picture, stats, "ci_high");

			g_string_append_printf(picture->script, "%.9g %u %.9g %.9g\n", median, row,
					       fmax(low, picture->low), high);
		}
		g_string_append(picture->script, "EOD\n");
	}
}

static void append_rows(const struct picture *picture, bool labels)
{
	g_string_append(picture->script, "set ytics scale 0 (");
	for (unsigned row = 0; row < picture->rows; row++) {
		g_string_append(picture->script, row ? ", " : "");
		lu_plot_quote(picture->script, labels ? row_label(picture, row) : "");
		g_string_append_printf(picture->script, " %u", row);
	}
	g_string_append(picture->script, ")\n");
}

static void append_frame(const struct picture *picture)
{
	const char *unit = strcmp(picture->unit, "s") == 0 ? "" : picture->unit;
	g_autofree char *name = lu_metric_title(picture->metric);
	g_autofree char *title =
		g_strdup_printf("%s%s%s: median of the good runs", name, *unit ? ", " : "", unit);

	g_string_append(picture->script, "set label 1000 ");
	lu_plot_quote(picture->script, title);
	g_string_append_printf(picture->script, " at screen %.4f,screen %.4f left font ',15'\n",
			       14 / picture->width, 1 - 24 / picture->height);
	g_string_append_printf(
		picture->script,
		"set label 1001 '● with its 95 %% bootstrap interval    ○ fewer than "
		"three runs: a single observation, no interval' at screen "
		"%.4f,screen %.4f left font ',11' textcolor rgb '#505050'\n",
		14 / picture->width, 1 - 48 / picture->height);
}

static void append_panel(const struct picture *picture, unsigned column)
{
	double left = picture->left + column * (PANEL + GAP);
	const json_t *columns = json_object_get(picture->matrix, "columns");

	g_string_append(picture->script, "unset label\n");
	if (column == 0) /* labels are drawn with a panel */
		append_frame(picture);
	for (unsigned row = 0; row < picture->rows; row++)
		append_cell(picture, row, column);
	append_rows(picture, column == 0);
	g_string_append_printf(
		picture->script,
		"set lmargin at screen %.4f\nset rmargin at screen %.4f\nset title offset 0,-0.4 "
		"font ',13' ",
		left / picture->width, (left + PANEL) / picture->width);
	lu_plot_quote(picture->script, json_string_value(json_array_get(columns, column)));
	g_string_append_printf(
		picture->script,
		"\nplot $sure%u using 1:2:3:4 with xerrorbars pt 7 ps 1.1 lw 1.8 lc rgb "
		"'" LU_PLOT_BLUE
		"' notitle, \\\n  $few%u using 1:2 with points pt 6 ps 1.1 lw 1.8 lc rgb "
		"'" LU_PLOT_BLUE "' notitle, \\\n  NaN notitle\n",
		column, column);
}

static void append_axes(const struct picture *picture)
{
	g_string_append_printf(picture->script,
			       "set logscale x\nset xrange [%.9g:%.9g]\nset yrange [%u.5:-0.5]\n",
			       picture->low, picture->high, picture->rows - 1);
	g_string_append_printf(picture->script,
			       "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
			       1 - TOP / picture->height, BOTTOM / picture->height);
	g_string_append(picture->script,
			"set grid xtics ytics lc rgb '#DDDDDD' lt 1 lw 0.6\nset mxtics 10\n");
	append_tics(picture);
}

bool lu_plot_matrix(GString *script, const char *path, const json_t *matrix, const char *metric,
		    GError **error)
{
	struct picture picture = {.script = script, .matrix = matrix, .metric = metric};

	measure(&picture);
	if (!find_range(&picture)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "no good run has a %s above 0: there is nothing to draw", metric);
		return false;
	}
	if (!lu_plot_begin(script, path, (unsigned)picture.width, (unsigned)picture.height, error))
		return false;
	for (unsigned column = 0; column < picture.columns; column++)
		append_data(&picture, column);
	g_string_append(script, "set multiplot\n");
	append_axes(&picture);
	for (unsigned column = 0; column < picture.columns; column++)
		append_panel(&picture, column);
	g_string_append(script, "unset multiplot\n");
	return true;
}
