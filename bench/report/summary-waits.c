/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users waited for, for people. */
#include "bench/report/summary-waits.h"
#include <glib.h>
#include "bench/cli.h"

static int64_t metric_of(const json_t *metrics, const char *name)
{
	return lu_cli_get_int(metrics, name, 0);
}

char *lu_summary_time(const json_t *metrics, const char *name, int64_t old_bound_ns)
{
	const json_t *censored = json_object_get(metrics, "censored");
	int64_t ns = metric_of(metrics, name);
	int64_t bound_ns = censored ? lu_cli_get_int(censored, name, -1) : ns ? -1 : old_bound_ns;
	g_autofree char *text = lu_cli_time(bound_ns < 0 ? ns : bound_ns);

	return g_strconcat(bound_ns < 0 ? "" : "< ", text, NULL);
}

/* Would that quantile of a window be greater if requests that were given up had waited on? */
static bool is_lower_bound(const json_t *window, const char *quantile)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(window, "lower_bounds"), i, name)
	{
		if (g_strcmp0(json_string_value(name), quantile) == 0)
			return true;
	}
	return false;
}

/* "3.61 s", or "≥ 30.000 s". Caller frees. */
static char *wait_text(const json_t *window, const char *quantile, int64_t ns)
{
	g_autofree char *text = lu_cli_time(ns);

	return g_strconcat(is_lower_bound(window, quantile) ? "≥ " : "", text, NULL);
}

/* Of the upgrade; of a single class they would say the same again. */
static void print_waits_by_class(FILE *out, const json_t *metrics)
{
	const char *class;
	json_t *windows;

	json_object_foreach(lu_cli_get(metrics, "latency.by_class"), class, windows)
	{
		const json_t *waits = json_object_get(windows, "upgrade");
		g_autofree char *p50 = wait_text(waits, "p50_ns", metric_of(waits, "p50_ns"));
		g_autofree char *p99 = wait_text(waits, "p99_ns", metric_of(waits, "p99_ns"));
		g_autofree char *p999 = wait_text(waits, "p999_ns", metric_of(waits, "p999_ns"));

		if (metric_of(waits, "requests") > 0)
			fprintf(out, "            %s p50 %s, p99 %s, p99.9 %s\n", class, p50, p99,
				p999);
	}
}

/* Waits that the blackout hides when a service keeps answering some of its users. */
void lu_summary_waits(FILE *out, const json_t *metrics)
{
	const json_t *window = lu_cli_get(metrics, "latency.upgrade");
	g_autofree char *longest =
		wait_text(window, "max_ns", metric_of(metrics, "max_latency_ns"));
	g_autofree char *brown = lu_cli_time(metric_of(metrics, "brownout_ns"));

	fputs("users       ", out);
	if (json_object_get(metrics, "censored")) {
		g_autofree char *worst =
			lu_summary_time(metrics, "blackout_worst_connection_ns", -1);

		fprintf(out, "worst connection dark %s; ", worst);
	}
	fprintf(out, "longest wait %s; brownout %s\n", longest, brown);
	if (lu_cli_get_int(metrics, "p50_ns", -1) < 0)
		return;
	g_autofree char *p50 = wait_text(window, "p50_ns", metric_of(metrics, "p50_ns"));
	g_autofree char *p99 = wait_text(window, "p99_ns", metric_of(metrics, "p99_ns"));
	g_autofree char *p999 = wait_text(window, "p999_ns", metric_of(metrics, "p999_ns"));
	g_autofree char *before = lu_cli_time(metric_of(metrics, "baseline_p50_ns"));
	g_autofree char *before99 = lu_cli_time(metric_of(metrics, "baseline_p99_ns"));

	fprintf(out, "waits       p50 %s, p99 %s, p99.9 %s; in the baseline p50 %s, p99 %s\n", p50,
		p99, p999, before, before99);
	print_waits_by_class(out, metrics);
}
