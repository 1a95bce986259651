/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's interruptions, for people. */
#include "bench/report/summary-gaps.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/summary-waits.h"

#define SLIVER_NS   1000000
#define MOST_LISTED 8

static int64_t metric_of(const json_t *metrics, const char *name)
{
	return lu_cli_get_int(metrics, name, 0);
}

/* Number and sum of the gaps, and the gap at the switch-over. */
void lu_summary_interruptions(FILE *out, const json_t *metrics)
{
	int64_t n = lu_cli_get_int(metrics, "interruptions_count", 0);
	g_autofree char *sum = lu_cli_time(metric_of(metrics, "interruptions_sum_ns"));
	g_autofree char *switchover = lu_summary_time(metrics, "switchover_ns", -1);
	bool known = json_is_integer(json_object_get(metrics, "switchover_ns")) ||
		     lu_cli_get(metrics, "censored.switchover_ns");

	if (n <= 0)
		return;
	fprintf(out, "            %lld interruption%s, together %s", (long long)n, n > 1 ? "s" : "",
		sum);
	if (known)
		fprintf(out, "; at the switch-over %s", switchover);
	fputc('\n', out);
}

/* Adjacent pieces with the same label are printed as one line. */
static bool same_piece(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"phase", "name", "step", "since"};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(lu_cli_get_str(a, keys[i]), lu_cli_get_str(b, keys[i])) != 0)
			return false;
	return true;
}

static void print_piece(FILE *out, const json_t *piece, int64_t ns)
{
	g_autofree char *length = lu_cli_time(ns);
	g_autofree char *padded = lu_display_pad(length, 12);
	const char *name = json_string_value(json_object_get(piece, "name"));
	const char *step = json_string_value(json_object_get(piece, "step"));
	const char *since = json_string_value(json_object_get(piece, "since"));

	fprintf(out, "  %-24s %s", lu_cli_get_str(piece, "phase"), padded);
	if (name)
		fprintf(out, "  %s", name);
	if (step)
		fprintf(out, ": %s", step);
	if (since)
		fprintf(out, " (after %s)", since);
	fputc('\n', out);
}

/* The pieces of the blackout, in order. */
static void print_breakdown(FILE *out, const json_t *pieces)
{
	int64_t ns = 0;
	json_t *piece;
	size_t i;

	if (json_array_size(pieces) == 0)
		return;
	fputs("\ninside the blackout\n", out);
	json_array_foreach(pieces, i, piece)
	{
		const json_t *next = json_array_get(pieces, i + 1);

		ns += lu_cli_get_int(piece, "ns", 0);
		if (next && same_piece(piece, next))
			continue;
		/* Short steps of the engine between two phases are not printed. */
		if (ns < SLIVER_NS && strcmp(lu_cli_get_str(piece, "phase"), "between") == 0) {
			ns = 0;
			continue;
		}
		print_piece(out, piece, ns);
		ns = 0;
	}
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	int64_t x = lu_cli_get_int(*(json_t *const *)a, "ns", 0);
	int64_t y = lu_cli_get_int(*(json_t *const *)b, "ns", 0);

	return (x < y) - (x > y);
}

static GPtrArray *sorted(const json_t *list)
{
	GPtrArray *all = g_ptr_array_new();
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) g_ptr_array_add(all, one);
	g_ptr_array_sort(all, by_length);
	return all;
}

/* The two steps of which it has most. */
static void print_steps(FILE *out, const json_t *pieces)
{
	g_autoptr(GPtrArray) all = sorted(pieces);

	for (guint i = 0; i < MIN(all->len, 2); i++) {
		const json_t *piece = g_ptr_array_index(all, i);
		const char *name = json_string_value(json_object_get(piece, "name"));
		const char *step = json_string_value(json_object_get(piece, "step"));
		g_autofree char *length = lu_cli_time(metric_of(piece, "ns"));

		fprintf(out, "%s%s", i ? "; " : "  ", lu_cli_get_str(piece, "phase"));
		if (name)
			fprintf(out, " %s", name);
		if (step)
			fprintf(out, ": %s", step);
		if (all->len > 1)
			fprintf(out, " (%s)", length);
	}
	if (all->len > 2)
		fprintf(out, "; and %u more", all->len - 2);
	fputc('\n', out);
}

static void print_gap(FILE *out, const json_t *gap, const struct lu_event *trigger)
{
	int64_t after_ns = lu_cli_get_int(gap, "begin_ns", 0) - (trigger ? trigger->t_ns : 0);
	g_autofree char *length = lu_cli_time(metric_of(gap, "ns"));
	g_autofree char *padded = lu_display_pad(length, 12);

	if (trigger)
		fprintf(out, "  %+9.3f s after trigger  %s", (double)after_ns / 1e9, padded);
	else
		fprintf(out, "  %-24s %s", "interruption", padded);
	print_steps(out, json_object_get(gap, "phases"));
}

/* Is it one of the longest that are listed? */
static bool is_listed(const GPtrArray *longest, const json_t *gap)
{
	for (guint i = 0; i < MIN(longest->len, MOST_LISTED); i++)
		if (g_ptr_array_index(longest, i) == gap)
			return true;
	return false;
}

static void print_list(FILE *out, const json_t *gaps, const struct lu_timeline *timeline)
{
	const struct lu_event *trigger =
		timeline ? lu_timeline_find(timeline, "engine", "trigger", 0) : NULL;
	g_autoptr(GPtrArray) longest = sorted(gaps);
	json_t *gap;
	size_t i;

	if (longest->len < 2)
		return;
	fprintf(out, "\n%s\n",
		longest->len > MOST_LISTED ? "the longest interruptions" : "interruptions");
	json_array_foreach(gaps, i, gap)
	{
		if (is_listed(longest, gap))
			print_gap(out, gap, trigger);
	}
}

void lu_summary_gaps(FILE *out, const json_t *metrics, const struct lu_timeline *timeline)
{
	print_breakdown(out, json_object_get(metrics, "breakdown"));
	print_list(out, json_object_get(metrics, "interruptions"), timeline);
}
