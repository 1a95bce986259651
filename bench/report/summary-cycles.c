/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The upgrades of one run, a line each. */
#include "bench/report/summary-cycles.h"
#include <glib.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/summary-waits.h"

/* "12.3 MB", or "-" when it is not known; caller frees. */
static char *megabytes(const json_t *bytes)
{
	return json_is_number(bytes) ? g_strdup_printf("%.1f MB", json_number_value(bytes) / 1e6)
				     : g_strdup("-");
}

static void print_one(FILE *out, size_t number, const json_t *one)
{
	g_autofree char *blackout =
		lu_summary_time(one, "blackout_ns", lu_cli_get_int(one, "blackout_floor_ns", 0));
	g_autofree char *padded = lu_display_pad(blackout, 12);
	g_autofree char *late = lu_cli_time(lu_cli_get_int(one, "timer_late_ns", 0));
	g_autofree char *late_padded = lu_display_pad(late, 12);
	g_autofree char *guest = megabytes(json_object_get(one, "guest_bytes"));

	fprintf(out,
		"  %4zu blackout %s  timers late %s  %lld lost, %lld reset  guest %s, %lld "
		"descriptors\n",
		number, padded, late_padded, (long long)lu_cli_get_int(one, "lost", 0),
		(long long)lu_cli_get_int(one, "connections_reset", 0), guest,
		(long long)lu_cli_get_int(one, "descriptors", -1));
}

static void print_growth(FILE *out, const json_t *cycles, const char *member, const char *what,
			 double unit, const char *name)
{
	const json_t *each = json_object_get(cycles, member);

	if (json_is_number(each))
		fprintf(out, "  with each: %s %+.2f%s\n", what, json_number_value(each) / unit,
			name);
}

void lu_summary_cycles(FILE *out, const json_t *metrics)
{
	const json_t *cycles = json_object_get(metrics, "cycles"), *one;
	size_t i;

	if (!json_is_object(cycles))
		return;
	fprintf(out, "\nupgrades of this run, each with its own baseline\n");
	json_array_foreach(json_object_get(cycles, "each"), i, one) print_one(out, i + 1, one);
	print_growth(out, cycles, "guest_bytes_each", "guest memory", 1e6, " MB");
	print_growth(out, cycles, "host_bytes_each", "QEMU", 1e6, " MB");
	print_growth(out, cycles, "descriptors_each", "descriptors", 1, "");
}
