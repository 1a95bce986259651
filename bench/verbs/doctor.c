/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench doctor: what this host has, what is missing, and what to do about it. */
#include <jansson.h>
#include <stdio.h>
#include "bench/check.h"
#include "bench/cli.h"
#include "bench/noise.h"
#include "bench/report/render.h"
#include "bench/verb.h"

/* As long as a baseline is by default: its longest gap is what sets a run's noise floor. */
#define NOISE_NS INT64_C(3000000000)

static const char *state_of(const struct lu_check *check)
{
	if (check->ok)
		return "ok";
	return check->needed ? "MISSING" : "absent";
}

/* Advice goes on a line of its own. */
static void add_check(struct lu_table *table, const struct lu_check *check)
{
	g_autofree char *detail =
		check->advice ? g_strdup_printf("%s\n→ %s", check->detail, check->advice)
			      : g_strdup(check->detail);

	lu_table_add_row(table);
	lu_table_add_text(table, state_of(check));
	lu_table_add_text(table, check->name);
	lu_table_add_text(table, detail);
}

static void print_checks(const GPtrArray *checks)
{
	static const struct lu_column columns[] = {
		{.heading = "state", .width = 8},
		{.heading = "check", .width = 24},
		{.heading = "detail"},
	};
	struct lu_document *document = lu_document_new("This host");
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_LISTING;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint i = 0; i < checks->len; i++)
		add_check(table, g_ptr_array_index(checks, i));
	lu_document_add_table(document, table);
	lu_render_text(stdout, document);
	lu_document_free(document);
}

static json_t *check_json(const struct lu_check *check)
{
	return json_pack("{s:s, s:b, s:b, s:s, s:s?}", "name", check->name, "ok", check->ok,
			 "needed", check->needed, "detail", check->detail, "advice", check->advice);
}

static unsigned count_missing(const GPtrArray *checks)
{
	unsigned missing = 0;

	for (guint i = 0; i < checks->len; i++) {
		const struct lu_check *check = g_ptr_array_index(checks, i);

		missing += check->needed && !check->ok;
	}
	return missing;
}

static bool print_json(const GPtrArray *checks, unsigned missing)
{
	json_t *list = json_array();

	for (guint i = 0; i < checks->len; i++)
		json_array_append_new(list, check_json(g_ptr_array_index(checks, i)));
	json_t *doc = json_pack("{s:b, s:o}", "ok", missing == 0, "checks", list);
	bool done = lu_cli_print_json(doc);

	json_decref(doc);
	return done;
}

static void print_text(const GPtrArray *checks, unsigned missing)
{
	const char *machine = lu_cli_default_machine();

	print_checks(checks);
	if (missing)
		printf("\n%u missing%s%s\n", missing, machine ? " for " : "", machine ?: "");
	else
		puts("\nready: lubench run --strategy=kexec");
}

/* Whether it is quiet enough is the user's to say: he knows how long what he measures takes. */
static int measure_noise(bool json)
{
	struct lu_noise noise = lu_noise_measure(NOISE_NS);
	json_t *doc = lu_noise_to_json(&noise);
	bool done = true;

	if (json)
		done = lu_cli_print_json(doc);
	else
		lu_noise_print(&noise);
	json_decref(doc);
	lu_noise_clear(&noise);
	return done ? LU_EXIT_OK : LU_EXIT_FAILED;
}

static int doctor_main(int argc, char **argv)
{
	gboolean json = FALSE, noise = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL},
		{"noise", 0, 0, G_OPTION_ARG_NONE, &noise,
		 "measure for 3 s what disturbs runs here, and say what they can resolve", NULL},
		{NULL},
	};
	const char *machine = lu_cli_default_machine();
	g_autofree char *description = g_strdup_printf(
		"--noise keeps one CPU busy meanwhile, as a guest does. Run it while the host is\n"
		"as it will be for the runs.\n\n"
		"Exit status: 0 when everything for the machine %s is here, 4 "
		"otherwise;\n"
		"with --noise 0.\n",
		machine ?: "that is the default");
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, NULL,
			  "Check what this host has for running guests, and say what to do about "
			  "what is missing.",
			  description, &status))
		return status;
	if (!lu_cli_at_most(argc, argv, 0))
		return LU_EXIT_USAGE;
	if (noise)
		return measure_noise(json);
	g_autoptr(GPtrArray) checks = lu_check_all();
	unsigned missing = count_missing(checks);

	if (!json)
		print_text(checks, missing);
	else if (!print_json(checks, missing))
		return LU_EXIT_FAILED;
	return missing ? LU_EXIT_UNSUPPORTED : LU_EXIT_OK;
}

const struct lu_verb lu_verb_doctor = {
	.name = "doctor",
	.summary = "check what this host has and what is missing",
	.place = 70,
	.main = doctor_main,
};
