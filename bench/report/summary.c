/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result for people. */
#include "bench/report/summary.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/summary-cycles.h"
#include "bench/report/summary-gaps.h"
#include "bench/report/summary-services.h"
#include "bench/report/summary-waits.h"
#include "bench/report/validity.h"

static void print_outcome(FILE *out, const json_t *result)
{
	const json_t *reason = json_object_get(result, "reason");
	const json_t *phase = json_object_get(result, "phase");

	fprintf(out, "outcome     %s", lu_cli_get_str(result, "outcome"));
	if (json_is_string(phase))
		fprintf(out, " in %s", json_string_value(phase));
	if (json_is_string(reason))
		fprintf(out, ": %s", json_string_value(reason));
	fputc('\n', out);
	if (json_is_true(json_object_get(result, "rolled_back")))
		fputs("            rolled back: the service continued on the old version, "
		      "unharmed\n",
		      out);
}

static void print_what(FILE *out, const json_t *result)
{
	fprintf(out, "run         %s: %s of %s, %s guest %s\n", lu_cli_get_str(result, "run.id"),
		lu_cli_get_str(result, "plan.strategy"), lu_cli_get_str(result, "plan.workload"),
		lu_cli_get_str(result, "plan.guest"), lu_cli_get_str(result, "plan.machine"));
}

/* The kernels of the guest's first and last hello. */
static void print_versions(FILE *out, const struct lu_timeline *timeline)
{
	const char *first = NULL, *last = NULL;

	for (size_t i = 0; timeline && i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		const char *kernel = json_string_value(json_object_get(event->value, "kernel"));

		if (!kernel || strcmp(event->source, "guest") != 0 ||
		    strcmp(event->kind, "hello") != 0)
			continue;
		first = first ? first : kernel;
		last = kernel;
	}
	if (first && strcmp(first, last) == 0)
		fprintf(out, "kernel      %s throughout\n", first);
	else if (first)
		fprintf(out, "kernel      %s → %s\n", first, last);
}

/* The version that answered first, and the one that took over, if one did. */
static void print_app(FILE *out, const struct lu_timeline *timeline)
{
	const struct lu_event *event =
		timeline ? lu_timeline_find(timeline, "guest", "app", 0) : NULL;
	const struct lu_event *reply =
		timeline ? lu_timeline_find(timeline, "client", "reply", 0) : NULL;

	if (!event || !reply)
		return;
	fprintf(out, "application %s → %s\n",
		json_string_value(json_object_get(reply->value, "version")) ?: "(untold)",
		json_string_value(json_object_get(event->value, "version")));
}

/* Caller frees. */
static char *time_or(int64_t ns, const char *without)
{
	return ns < 0 ? g_strdup(without) : lu_cli_time(ns);
}

static int64_t metric_of(const json_t *metrics, const char *name)
{
	return lu_cli_get_int(metrics, name, 0);
}

static char *blackout_of(const json_t *metrics)
{
	return lu_summary_time(metrics, "blackout_ns", metric_of(metrics, "blackout_floor_ns"));
}

/* The cost of PREPARE to those who were served meanwhile. */
static void print_prepare(FILE *out, const json_t *metrics)
{
	double replies = 0, seconds = 0;
	json_t *phase;
	size_t i;

	json_array_foreach(json_object_get(metrics, "phase_load"), i, phase)
	{
		if (strcmp(lu_cli_get_str(phase, "phase"), "PREPARE") != 0)
			continue;
		replies += (double)lu_cli_get_int(phase, "replies", 0);
		seconds += (double)lu_cli_get_int(phase, "ns", 0) / 1e9;
	}
	if (seconds <= 0)
		return;
	fprintf(out, "PREPARE     %.4g replies/s; in the baseline %.4g/s\n", replies / seconds,
		json_number_value(json_object_get(metrics, "baseline_goodput_hz")));
}

static void print_blackout(FILE *out, const json_t *result)
{
	const json_t *metrics = json_object_get(result, "metrics");
	g_autofree char *blackout = blackout_of(metrics);
	g_autofree char *noise = lu_cli_time(lu_cli_get_int(metrics, "blackout_floor_ns", 0));
	g_autofree char *total = time_or(lu_cli_get_int(metrics, "total_ns", -1), "not completed");
	g_autofree char *ttr90 = time_or(lu_cli_get_int(metrics, "ttr90_ns", -1), "never");
	const json_t *recovery = json_object_get(metrics, "recovery90_ns");

	fprintf(out, "blackout    %s (noise floor %s)\n", blackout, noise);
	lu_summary_interruptions(out, metrics);
	lu_summary_waits(out, metrics);
	print_prepare(out, metrics);
	fprintf(out, "upgrade     %s; time to 90 %% of goodput: %s", total, ttr90);
	if (json_is_integer(recovery) && json_integer_value(recovery) > 0) {
		g_autofree char *noticed = lu_cli_time(json_integer_value(recovery));

		fprintf(out, ", %s from the first interruption", noticed);
	}
	fputc('\n', out);
}

/* Of connections that came and went; a run without them has no line. */
static void print_connects(FILE *out, const json_t *metrics)
{
	g_autofree char *floor = lu_cli_time(metric_of(metrics, "connect_floor_ns"));
	g_autofree char *p99 = lu_cli_time(metric_of(metrics, "connect_p99_ns"));
	g_autofree char *most = lu_cli_time(metric_of(metrics, "connect_max_ns"));

	if (!json_is_integer(json_object_get(metrics, "connects")))
		return;
	fprintf(out,
		"connects    %lld: %lld refused, %lld reset, %lld timed out, %lld late (after more "
		"than %s); p99 %s, longest %s\n",
		(long long)metric_of(metrics, "connects"),
		(long long)metric_of(metrics, "connects_refused"),
		(long long)metric_of(metrics, "connects_reset"),
		(long long)metric_of(metrics, "connects_timeout"),
		(long long)metric_of(metrics, "connects_late"), floor, p99, most);
}

static void print_requests(FILE *out, const json_t *result)
{
	static const char *const kinds[] = {"lost_timeout", "lost_reset", "lost_refused",
					    "lost_end"};
	const json_t *metrics = json_object_get(result, "metrics");
	int64_t lost = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		lost += lu_cli_get_int(metrics, kinds[i], 0);
	fprintf(out,
		"requests    %lld: %lld correct, %lld wrong, %lld lost; %lld connections reset\n",
		(long long)lu_cli_get_int(metrics, "requests", 0),
		(long long)lu_cli_get_int(metrics, "replies_ok", 0),
		(long long)lu_cli_get_int(metrics, "replies_wrong", 0), (long long)lost,
		(long long)lu_cli_get_int(metrics, "connections_reset", 0));
	print_connects(out, metrics);
}

static void print_times(FILE *out, const json_t *times, const char *title)
{
	const char *name;
	json_t *value;

	if (json_object_size(times) == 0)
		return;
	fprintf(out, "\n%s\n", title);
	json_object_foreach((json_t *)times, name, value)
	{
		if (!json_is_number(value))
			continue;
		g_autofree char *text = lu_cli_time((int64_t)json_number_value(value));
		g_autofree char *padded = lu_display_pad(text, 12);

		fprintf(out, "  %-24s %s\n", name, padded);
	}
}

static void print_notes(FILE *out, json_t *notes)
{
	const char *name;
	json_t *text;

	if (json_object_size(notes) == 0)
		return;
	fputs("\nwhat the mechanism chose\n", out);
	json_object_foreach(notes, name, text)
		fprintf(out, "  %-28s %s\n", name, json_string_value(text));
}

static void print_oracles(FILE *out, const json_t *oracles, const char *title)
{
	const char *name;
	json_t *oracle;

	if (json_object_size(oracles) == 0)
		return;
	fprintf(out, "\n%s\n", title);
	json_object_foreach((json_t *)oracles, name, oracle)
		fprintf(out, "  %-24s %-6s %s\n", name, lu_cli_get_str(oracle, "verdict"),
			lu_cli_get_str(oracle, "evidence"));
}

static void print_console(FILE *out, const json_t *result)
{
	const char *tail = json_string_value(json_object_get(result, "console_tail"));

	if (tail && *tail)
		fprintf(out, "\nlast console lines\n%s\n", tail);
}

/* "last" is the last one in the user's own folder, and the shell takes the path as a word. */
static void print_next(FILE *out, const char *path)
{
	g_autofree char *runs = lu_cli_runs_dir(), *dir = g_path_get_dirname(path);
	g_autofree char *quoted = g_shell_quote(path);
	bool plain = strcspn(path, " \t\n\"'\\$`*?[]{}()<>|&;!#~") == strlen(path);

	fprintf(out, "next        lubench plot %s --output run.svg\n",
		strcmp(runs, dir) == 0 ? "last"
		: plain		       ? path
				       : quoted);
}

void lu_summary_print(FILE *terminal, const json_t *result, const struct lu_timeline *timeline,
		      const char *path)
{
	const json_t *metrics = json_object_get(result, "metrics");
	FILE *out;
	struct lu_display *display = lu_display_open(terminal, &out);

	print_what(out, result);
	print_outcome(out, result);
	print_versions(out, timeline);
	print_app(out, timeline);
	if (lu_cli_get_int(metrics, "requests", 0) > 0) {
		lu_validity_print(out, result);
		print_blackout(out, result);
		print_requests(out, result);
	}
	lu_summary_services(out, result);
	lu_summary_cycles(out, metrics);
	print_times(out, json_object_get(metrics, "phase_ns"), "phases");
	lu_summary_gaps(out, metrics, timeline);
	print_times(out, json_object_get(metrics, "claims"), "the mechanism's own figures");
	print_notes(out, json_object_get(metrics, "notes"));
	print_oracles(out, json_object_get(result, "oracles"), "oracles");
	lu_summary_service_oracles(out, result, print_oracles);
	print_console(out, result);
	if (path)
		fprintf(out, "\nsaved       %s\n", path);
	if (path && lu_cli_get_int(metrics, "requests", 0) > 0)
		print_next(out, path);
	lu_display_close(display);
}

/* whose: of which service, with a space at its end; "": of the only one, or the first. */
static void print_failed(FILE *out, json_t *oracles, const char *whose)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(oracles, name, oracle) if (strcmp(lu_cli_get_str(oracle, "verdict"),
							      lu_verdict_name(LU_FAIL)) == 0)
		fprintf(out, " %soracle %s failed: %s;", whose, name,
			lu_cli_get_str(oracle, "evidence"));
}

static void print_failed_oracles(FILE *out, const json_t *result)
{
	json_t *service;
	size_t i;

	print_failed(out, json_object_get(result, "oracles"), "");
	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		g_autofree char *name = lu_display_line(lu_cli_get_str(service, "name"));
		g_autofree char *whose = g_strconcat(name, " ", NULL);

		if (i)
			print_failed(out, json_object_get(service, "oracles"), whose);
	}
}

void lu_summary_short(FILE *terminal, const json_t *result)
{
	const char *reason = json_string_value(json_object_get(result, "reason"));
	g_autofree char *line = lu_display_line(reason ?: "");
	g_autofree char *time = blackout_of(json_object_get(result, "metrics"));
	g_autofree char *padded = lu_display_pad(time, -10);
	FILE *out;
	struct lu_display *display = lu_display_open(terminal, &out);

	fprintf(out, "%-11s", lu_cli_get_str(result, "outcome"));
	if (lu_cli_get_int(result, "metrics.requests", 0) > 0)
		fprintf(out, " blackout %s", padded);
	print_failed_oracles(out, result);
	lu_validity_print_short(out, result);
	if (reason)
		fprintf(out, " %s", line);
	fputc('\n', out);
	lu_display_close(display);
}

void lu_summary_line(FILE *out, const json_t *result)
{
	g_autofree char *id = lu_display_line(lu_cli_get_str(result, "run.id"));

	fprintf(out, "%-28s ", id);
	lu_summary_short(out, result);
}
