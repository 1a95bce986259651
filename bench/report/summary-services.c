/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The services of one run, a line each. */
#include "bench/report/summary-services.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/summary-waits.h"

static int64_t lost(const json_t *metrics)
{
	static const char *const kinds[] = {"lost_timeout", "lost_reset", "lost_refused",
					    "lost_end"};
	int64_t sum = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		sum += lu_cli_get_int(metrics, kinds[i], 0);
	return sum;
}

static void print_work(FILE *out, const json_t *metrics)
{
	const json_t *work = json_object_get(metrics, "work");
	g_autofree char *stolen = lu_summary_time(metrics, "work.stolen_ns",
						  lu_cli_get_int(work, "stolen_floor_ns", 0));
	g_autofree char *gone = lu_cli_time(lu_cli_get_int(work, "lost_ns", 0));

	if (json_is_object(work))
		fprintf(out, ", work: %s stolen, %lld units (%s) lost", stolen,
			(long long)lu_cli_get_int(work, "lost", 0), gone);
}

static void print_one(FILE *out, const json_t *service, const json_t *metrics)
{
	g_autofree char *blackout = lu_summary_time(
		metrics, "blackout_ns", lu_cli_get_int(metrics, "blackout_floor_ns", 0));
	g_autofree char *name = lu_display_line(lu_cli_get_str(service, "name"));
	g_autofree char *padded = lu_display_pad(name, 16);

	fprintf(out, "  %s %s, priority %lld: blackout %s, %lld lost", padded,
		lu_cli_get_str(service, "workload"),
		(long long)lu_cli_get_int(service, "priority", 0), blackout,
		(long long)lost(metrics));
	print_work(out, metrics);
	if (strcmp(lu_cli_get_str(service, "validity.verdict"), "sound") != 0)
		fprintf(out, " (%s)", lu_cli_get_str(service, "validity.verdict"));
	fputc('\n', out);
}

void lu_summary_services(FILE *out, const json_t *result)
{
	const json_t *all = lu_cli_get(result, "metrics.services");
	const json_t *services = json_object_get(result, "services");
	json_t *service;
	size_t i;

	if (!json_array_size(services))
		return;
	fputs("\nservices: all else is of the first; the others by plot --service=NAME\n", out);
	json_array_foreach(services, i, service)
		print_one(out, service, json_object_get(all, lu_cli_get_str(service, "name")));
}

void lu_summary_service_oracles(FILE *out, const json_t *result,
				void (*print)(FILE *out, const json_t *oracles, const char *title))
{
	json_t *service;
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		g_autofree char *name = lu_display_line(lu_cli_get_str(service, "name"));
		g_autofree char *title = g_strconcat("oracles of ", name, NULL);

		if (i)
			print(out, json_object_get(service, "oracles"), title);
	}
}
