/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of all verbs: options, messages and exit statuses. */
#include "bench/cli.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "bench/report/display.h"
#include "bench/verb.h"
#include "record/duration.h"
#include "record/error.h"

bool lu_cli_parse(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
		  const char *summary, const char *description, int *status)
{
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_summary(context, summary);
	g_option_context_set_description(context, description);
	if (g_option_context_parse(context, argc, argv, &error))
		return true;
	g_autofree char *line = lu_display_line(error->message);

	g_printerr("%s: %s (see %s --help)\n", g_get_prgname(), line, g_get_prgname());
	*status = LU_EXIT_USAGE;
	return false;
}

bool lu_cli_at_most(int argc, char **argv, int most)
{
	if (argc - 1 <= most)
		return true;
	g_autofree char *line = lu_display_line(argv[most + 1]);

	g_printerr("%s: unexpected argument \"%s\" (see %s --help)\n", g_get_prgname(), line,
		   g_get_prgname());
	return false;
}

bool lu_cli_apply_set(json_t *scenario, const char *assignment,
		      bool (*set)(json_t *scenario, const char *dotted, const char *text,
				  GError **error),
		      GError **error)
{
	const char *equals = strchr(assignment, '=');

	if (!equals || equals == assignment) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--set: \"%s\": allowed is DOTTED.KEY=VALUE", assignment);
		return false;
	}
	g_autofree char *key = g_strndup(assignment, (gsize)(equals - assignment));

	return set(scenario, key, equals + 1, error);
}

int lu_cli_status(const GError *error)
{
	if (error->domain == G_OPTION_ERROR)
		return LU_EXIT_USAGE;
	if (error->domain != LU_ERROR)
		return LU_EXIT_FAILED;
	switch (error->code) {
	case LU_ERROR_USAGE:
		return LU_EXIT_USAGE;
	case LU_ERROR_UNSUPPORTED:
		return LU_EXIT_UNSUPPORTED;
	default:
		return LU_EXIT_FAILED;
	}
}

bool lu_cli_usage(GError **error, const char *message)
{
	g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE, message);
	return false;
}

int lu_cli_fail(const GError *error)
{
	g_autofree char *line = lu_display_line(error->message);

	g_printerr("%s: %s\n", g_get_prgname(), line);
	return lu_cli_status(error);
}

int lu_cli_result_status(const json_t *result)
{
	if (lu_result_good(result))
		return LU_EXIT_OK;
	if (g_str_equal(lu_cli_get_str(result, "outcome"), lu_outcome_name(LU_UNSUPPORTED)))
		return LU_EXIT_UNSUPPORTED;
	return LU_EXIT_FAILED;
}

bool lu_cli_print_json(const json_t *doc)
{
	return json_dumpf(doc, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF &&
	       fflush(stdout) == 0;
}

char *lu_cli_time(int64_t ns)
{
	return lu_duration_text(ns);
}

char *lu_cli_bytes(int64_t bytes)
{
	return g_strdup_printf("%.1f MB", (double)bytes / 1e6);
}

json_t *lu_cli_get(const json_t *doc, const char *dotted)
{
	g_auto(GStrv) keys = g_strsplit(dotted, ".", -1);

	for (char **key = keys; *key && doc; key++)
		doc = json_object_get(doc, *key);
	return (json_t *)doc;
}

const char *lu_cli_get_str(const json_t *doc, const char *dotted)
{
	const char *text = json_string_value(lu_cli_get(doc, dotted));

	return text ? text : "?";
}

int64_t lu_cli_get_int(const json_t *doc, const char *dotted, int64_t fallback)
{
	const json_t *value = lu_cli_get(doc, dotted);
	double real = json_real_value(value);

	if (json_is_integer(value))
		return json_integer_value(value);
	/* What no integer holds is none. */
	return json_is_real(value) && fabs(real) < 0x1p63 ? (int64_t)real : fallback;
}
