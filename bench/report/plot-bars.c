/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs as a picture: a bar for each group shows what the blackout consists of, whiskers
 * reach from the least to the most. */
#include "bench/report/plot-bars.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/plot-script.h"
#include "record/error.h"
#include "model/result.h"

/* The pieces of a blackout (metrics.breakdown), from the bottom of a bar up;
 * colours as in the timeline. */
static const struct piece {
	const char *phase, *title, *colour;
} pieces[] = {
	{"before", "before the freeze", "#BBBBBB"},
	{"FREEZE", "FREEZE", "#E69F00"},
	{"PRESERVE", "PRESERVE", "#F0E442"},
	{"SWITCH", "SWITCH", "#D55E00"},
	{"RESTORE", "RESTORE", "#CC79A7"},
	{"RESUME", "RESUME", "#009E73"},
	{"between", "between phases", "#666666"},
	{"undo", "undo", "#56B4E9"},
	{"after", "after (client backs off)", "#0072B2"},
};
#define PIECES G_N_ELEMENTS(pieces)

struct bar {
	double piece_s[PIECES];
	double total_s, min_s, max_s;
	bool typical;		 /* some run counts */
	int good, runs, suspect; /* suspect: good, and not counted */
};

static int64_t blackout_of(const json_t *result)
{
	return lu_cli_get_int(result, "metrics.blackout_ns", 0);
}

/* The counted run nearest the median; NULL when none counts. */
static const json_t *typical(const json_t *group)
{
	const json_t *best = NULL;
	double median = json_number_value(lu_cli_get(
		json_object_get(json_object_get(json_object_get(group, "summary"), "metrics"),
				"blackout_ns"),
		"median"));
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(group, "counted"), i, result)
	{
		if (!lu_cli_get(result, "metrics.blackout_ns"))
			continue;
		if (!best || fabs((double)blackout_of(result) - median) <
				     fabs((double)blackout_of(best) - median))
			best = result;
	}
	return best;
}

static int piece_index(const char *phase)
{
	for (size_t i = 0; i < PIECES; i++)
		if (strcmp(pieces[i].phase, phase) == 0)
			return (int)i;
	return 0;
}

/* A blackout is its gap less one steady interval, which is taken from the first pieces. */
static void fill_pieces(struct bar *bar, const json_t *result)
{
	int64_t spare_ns = lu_cli_get_int(result, "metrics.steady_interval_ns", 0);
	const json_t *breakdown = lu_cli_get(result, "metrics.breakdown");
	json_t *piece;
	size_t i;

	json_array_foreach(breakdown, i, piece)
	{
		int64_t ns = lu_cli_get_int(piece, "ns", 0), less_ns = MIN(ns, spare_ns);

		spare_ns -= less_ns;
		bar->piece_s[piece_index(lu_cli_get_str(piece, "phase"))] +=
			(double)(ns - less_ns) / 1e9;
	}
	bar->total_s = (double)blackout_of(result) / 1e9;
}

static struct bar make_bar(const json_t *group)
{
	const json_t *summary = json_object_get(group, "summary"), *run = typical(group);
	const json_t *stats = json_object_get(json_object_get(summary, "metrics"), "blackout_ns");
	struct bar bar = {.good = (int)lu_cli_get_int(summary, "good", 0),
			  .runs = (int)lu_cli_get_int(summary, "runs", 0),
			  .suspect = (int)lu_cli_get_int(summary, "suspect_left_out", 0)};

	if (!run)
		return bar;
	bar.typical = true;
	fill_pieces(&bar, run);
	bar.min_s = (double)lu_cli_get_int(stats, "min", 0) / 1e9;
	bar.max_s = (double)lu_cli_get_int(stats, "max", 0) / 1e9;
	return bar;
}

static void append_bars(GString *script, const json_t *groups, GArray *bars)
{
	g_string_append(script, "$bars << EOD\n");
	for (guint i = 0; i < bars->len; i++) {
		const struct bar *bar = &g_array_index(bars, struct bar, i);
		g_autofree char *quoted =
			g_strdelimit(g_strdup(lu_cli_get_str(json_array_get(groups, i), "label")),
				     "\"\\\n", '_');

		/* Each difference of a label goes on a line of its own. */
		g_auto(GStrv) words = g_strsplit(quoted, " ", -1);
		g_autofree char *lines = g_strjoinv("\\n", words);

		g_string_append_printf(script, "\"%s\\n%d of %d ok", lines, bar->good, bar->runs);
		if (bar->suspect)
			g_string_append_printf(script, "\\n%d suspect", bar->suspect);
		g_string_append_c(script, '"');
		for (size_t p = 0; p < PIECES; p++)
			g_string_append_printf(script, " %.6f", bar->piece_s[p]);
		g_string_append_printf(script, " %.6f %.6f %.6f\n", bar->total_s, bar->min_s,
				       bar->max_s);
	}
	g_string_append(script, "EOD\n");
}

/* Caller frees. */
static char *value_text(const struct bar *bar)
{
	if (bar->typical)
		return lu_cli_time((int64_t)(bar->total_s * 1e9));
	return g_strdup(bar->good ? "all suspect" : "no good run");
}

static void append_values(GString *script, const GArray *bars)
{
	for (guint i = 0; i < bars->len; i++) {
		const struct bar *bar = &g_array_index(bars, struct bar, i);
		g_autofree char *text = value_text(bar);

		g_string_append(script, "set label ");
		lu_plot_quote(script, text);
		g_string_append_printf(
			script, " at first %u,first %g center offset 0,0.8 front font ',13'\n", i,
			fmax(bar->max_s, bar->total_s));
	}
}

static bool piece_used(const GArray *bars, size_t p)
{
	for (guint i = 0; i < bars->len; i++)
		if (g_array_index(bars, struct bar, i).piece_s[p] > 0)
			return true;
	return false;
}

static void append_plot(GString *script, const GArray *bars)
{
	const char *separator = "plot ";

	for (size_t p = 0; p < PIECES; p++) {
		if (!piece_used(bars, p))
			continue;
		g_string_append_printf(script, "%s$bars using %zu%s lc rgb '%s' title '%s'",
				       separator, p + 2, ":xtic(1)", pieces[p].colour,
				       pieces[p].title);
		separator = ", \\\n  ";
	}
	g_string_append_c(script, '\n');
}

/* Lines of the longest label under a bar, the count of runs included. */
static unsigned label_lines(const json_t *groups)
{
	unsigned most = 0;
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		g_auto(GStrv) words = g_strsplit(lu_cli_get_str(group, "label"), " ", -1);

		most = MAX(most, g_strv_length(words) + 1);
	}
	return most;
}

unsigned lu_plot_bars_width(const json_t *groups)
{
	return MAX(760, 330 + 125 * (unsigned)json_array_size(groups));
}

static void append_whiskers(GString *script, const GArray *bars)
{
	for (guint i = 0; i < bars->len; i++) {
		const struct bar *bar = &g_array_index(bars, struct bar, i);

		if (bar->max_s > bar->min_s)
			g_string_append_printf(
				script,
				"set arrow from %u,%g to %u,%g heads size screen 0.006,90 fixed "
				"front lw 1.6 lc rgb '" LU_PLOT_INK "'\n",
				i, bar->min_s, i, bar->max_s);
	}
}

static void append_axes(GString *script, const json_t *groups, const GArray *bars)
{
	double top = 0;

	for (guint i = 0; i < bars->len; i++)
		top = fmax(top, g_array_index(bars, struct bar, i).max_s);
	g_string_append(script, "set style data histograms\nset style histogram rowstacked\n"
				"set style fill solid 1 border rgb '" LU_PLOT_INK "'\n"
				"set boxwidth 0.55\nset xtics scale 0 font ',11'\n"
				"set ylabel 'blackout, s'\n"
				"set key outside right center vertical Left reverse invert "
				"samplen 1.5 spacing 1.25\n");
	g_string_append_printf(script, "set xrange [-0.6:%g]\nset yrange [0:%g]\n", bars->len - 0.4,
			       top > 0 ? top * 1.15 : 1);
	g_string_append_printf(script, "set bmargin %u\n", label_lines(groups) + 1);
	g_string_append(script, "set title \"Longest time without a correct reply\\n"
				"bar: the run nearest the median; whiskers: least and most\" "
				"font ',13'\n");
}

bool lu_plot_bars(GString *script, const json_t *groups, GError **error)
{
	g_autoptr(GArray) bars = g_array_new(FALSE, FALSE, sizeof(struct bar));
	bool any = false;
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		struct bar bar = make_bar(group);

		any |= bar.good > 0;
		g_array_append_val(bars, bar);
	}
	if (!any) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE,
				    "none of these runs was good: there is no blackout to compare");
		return false;
	}
	append_bars(script, groups, bars);
	append_axes(script, groups, bars);
	append_whiskers(script, bars);
	append_values(script, bars);
	append_plot(script, bars);
	return true;
}
