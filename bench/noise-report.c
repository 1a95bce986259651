/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The noise of a host, for people and for programs. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/noise.h"
#include "bench/report/render.h"
#include "record/validity.h"

/* The client's default, and what a service on real hardware carries. */
static const double rates_hz[] = {200, 1000, 5000};

static void add(struct lu_table *table, const char *name, char *value)
{
	lu_table_add_row(table);
	lu_table_add_text(table, name);
	lu_table_add_text(table, value);
	g_free(value);
}

static char *percent(double share)
{
	return share < 0 ? g_strdup("this host does not tell")
			 : g_strdup_printf("%.1f %%", 100 * share);
}

static char *timer_text(const struct lu_noise *noise)
{
	g_autofree char *p50 = lu_cli_time(noise->timer_p50_ns);
	g_autofree char *p99 = lu_cli_time(noise->timer_p99_ns);
	g_autofree char *max = lu_cli_time(noise->timer_max_ns);

	return g_strdup_printf("p50 %s, p99 %s, at most %s late", p50, p99, max);
}

static char *stop_text(const struct lu_noise *noise)
{
	g_autofree char *max = lu_cli_time(noise->stop_max_ns);

	return g_strdup_printf("without a CPU for at most %s at once, for %.1f %% of the time", max,
			       100 * noise->stop_share);
}

static char *others_text(const struct lu_noise *noise)
{
	g_autofree char *used = noise->other_cpus < 0
					? g_strdup("unknown")
					: g_strdup_printf("%.1f of %" G_GINT64_FORMAT " CPUs used",
							  noise->other_cpus, noise->cpus);

	if (noise->runnable < 0)
		return g_steal_pointer(&used);
	return g_strdup_printf("%s; %" G_GINT64_FORMAT " ready when this began", used,
			       noise->runnable);
}

static struct lu_table *measured(const struct lu_noise *noise)
{
	static const struct lu_column columns[] = {{.heading = "quantity", .width = 20},
						   {.heading = "figure"}};
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_LISTING;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	add(table, "timer, as the client", timer_text(noise));
	add(table, "busy thread, as a vCPU", stop_text(noise));
	add(table, "CPU pressure (PSI)", percent(noise->pressure_share));
	add(table, "stolen", percent(noise->steal_share));
	add(table, "others", others_text(noise));
	add(table, "frequency governor", g_strdup(noise->governor ?: "this host does not tell"));
	return table;
}

static void add_rate(struct lu_table *table, const struct lu_noise *noise, double rate_hz)
{
	int64_t floor_ns = lu_noise_floor(noise, rate_hz);
	int64_t least_ns = lu_noise_resolves(noise, rate_hz);
	g_autofree char *floor = lu_cli_time(floor_ns), *least = lu_cli_time(least_ns);
	g_autofree char *reasons = lu_noise_reasons(noise, rate_hz);

	lu_table_add_row(table);
	lu_table_add_number(table, rate_hz, "%.0f", rate_hz);
	lu_table_add_number(table, (double)floor_ns, "%s", floor);
	lu_table_add_number(table, (double)least_ns, "%s", least);
	lu_table_add_text(table, reasons ?: "sound");
}

static struct lu_table *resolved(const struct lu_noise *noise)
{
	static const struct lu_column columns[] = {
		{.heading = "client.rate_hz", .align = LU_ALIGN_RIGHT},
		{.heading = "noise floor", .unit = "ns", .align = LU_ALIGN_RIGHT},
		{.heading = "sound from a blackout of", .unit = "ns", .align = LU_ALIGN_RIGHT},
		{.heading = "a run is expected to be"},
	};
	struct lu_table *table = lu_table_new("What a run can resolve here");

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (size_t i = 0; i < G_N_ELEMENTS(rates_hz); i++)
		add_rate(table, noise, rates_hz[i]);
	return table;
}

void lu_noise_print(const struct lu_noise *noise)
{
	struct lu_document *document = lu_document_new("Noise of this host");

	lu_document_add_paragraph(document, "Noise of this host, measured for %.0f s",
				  (double)noise->ns / 1e9);
	lu_document_add_table(document, measured(noise));
	lu_document_add_table(document, resolved(noise));
	lu_render_text(stdout, document);
	lu_document_free(document);
}

static json_t *number_or_null(double value)
{
	return value < 0 ? json_null() : json_real(value);
}

static json_t *rates(const struct lu_noise *noise)
{
	json_t *list = json_array();

	for (size_t i = 0; i < G_N_ELEMENTS(rates_hz); i++) {
		g_autofree char *reasons = lu_noise_reasons(noise, rates_hz[i]);

		json_array_append_new(
			list,
			json_pack("{s:f, s:I, s:I, s:s?}", "rate_hz", rates_hz[i], "floor_ns",
				  (json_int_t)lu_noise_floor(noise, rates_hz[i]), "resolves_ns",
				  (json_int_t)lu_noise_resolves(noise, rates_hz[i]), "suspect",
				  reasons));
	}
	return list;
}

json_t *lu_noise_to_json(const struct lu_noise *noise)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:I, s:o, s:s?, s:o}", "ns",
			 (json_int_t)noise->ns, "timer_p50_ns", (json_int_t)noise->timer_p50_ns,
			 "timer_p99_ns", (json_int_t)noise->timer_p99_ns, "timer_max_ns",
			 (json_int_t)noise->timer_max_ns, "stop_max_ns",
			 (json_int_t)noise->stop_max_ns, "stop_share", noise->stop_share,
			 "pressure_share", number_or_null(noise->pressure_share), "steal_share",
			 number_or_null(noise->steal_share), "other_cpus",
			 number_or_null(noise->other_cpus), "cpus", (json_int_t)noise->cpus,
			 "runnable",
			 noise->runnable < 0 ? json_null() : json_integer(noise->runnable),
			 "governor", noise->governor, "rates", rates(noise));
}
