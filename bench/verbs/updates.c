/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates: tries which small updates of a kernel component each mechanism carries. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/catalogue.h"
#include "bench/report/update-print.h"
#include "bench/verb.h"
#include "model/workload.h"
#include "record/error.h"

static const char description[] =
	"Every cell of the table is a run of workload \"catalog\" (docs/guide/update-coverage.md): "
	"each\n"
	"UPDATE, or all of them, by hotswap, livepatch, reload and fast-reboot; and once more by "
	"hotswap\n"
	"and livepatch with a fault, to try the undo. They are a sweep called \"updates\" "
	"(lubench\n"
	"sweep --help: order, record, --resume), so lubench show, plot and compare read them, "
	"too.\n"
	"\n"
	"--from makes the table from existing runs: \"last\", a sweep's folder or the beginning "
	"of\n"
	"its name, or a folder of results.\n"
	"\n"
	"Exit status: 0 when each run has been made, whatever its outcome; 2 usage; 4 when none\n"
	"can be made on this host; 128 + N when signal N ended it.\n"
	"\n"
	"Examples:\n"
	"  lubench updates fix_one new_field\n"
	"  lubench updates --csv=updates.csv\n"
	"  lubench updates --resume && lubench compare --sweep=updates\n"
	"  lubench run --strategy=hotswap --workload=catalog --param update=fix_one\n";

struct options {
	struct lu_catalogue_options common;
	char *csv;
	char **names; /* of the updates; empty: all of them */
};

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	struct lu_catalogue_options *common = &options->common;
	const GOptionEntry entries[] = {
		{"csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
		 "also write the cells to this file", "FILE"},
		{"guest", 0, 0, G_OPTION_ARG_STRING, &common->guest,
		 "real guests or the simulator, which repeats what the updates' sources expect "
		 "(default qemu)",
		 "qemu|sim"},
		LU_CATALOGUE_ENTRIES(common),
		{NULL},
	};

	return lu_cli_parse(argc, argv, entries, "[UPDATE…]",
			    "Try which small updates of a kernel component each mechanism carries.",
			    description, status);
}

static const struct lu_catalogue_subject updates = {"catalog", "update"};

/* The mechanisms' limits are fixed, as the table depends on them. */
static json_t *params_of(enum lu_mechanism mechanism)
{
	switch (mechanism) {
	case LU_BY_HOTSWAP: /* callers are counted before the swap begins */
		return json_pack("{s:s, s:i}", "tracked", "always", "limit_ms", 2000);
	case LU_BY_LIVEPATCH: /* the kernel signals sleepers after 15 s */
		return json_pack("{s:i}", "limit_ms", 20000);
	case LU_BY_KEXEC:
		return json_pack("{s:s}", "to", LU_COMPONENT_NEXT);
	default:
		return json_object();
	}
}

static json_t *case_of(enum lu_mechanism mechanism, bool back)
{
	json_t *one = json_pack("{s:s, s:o}", "strategy", lu_mechanism_strategy(mechanism),
				"strategy_params", params_of(mechanism));

	if (back)
		json_object_set_new(one, "fault",
				    json_pack("{s:s, s:s}", "phase", "PRESERVE", "kind", "error"));
	return one;
}

static json_t *cases(void)
{
	json_t *list = json_array();

	for (int m = 0; m < LU_MECHANISMS; m++) {
		json_array_append_new(list, case_of((enum lu_mechanism)m, false));
		if (lu_mechanism_goes_back((enum lu_mechanism)m))
			json_array_append_new(list, case_of((enum lu_mechanism)m, true));
	}
	return list;
}

/* A light load: the table is about what is carried, not how fast. */
static json_t *define(const struct options *options)
{
	return json_pack("{s:s, s:{s:o}, s:s*, s:s*, s:{s:i, s:f, s:i, s:i}, s:o}", "workload",
			 "catalog", "workload_params", "update",
			 lu_catalogue_names(&updates, options->names), "machine",
			 options->common.machine, "guest", options->common.guest, "client",
			 "connections", 2, "rate_hz", 50.0, "baseline_ms", 500, "settle_ms", 1000,
			 "cases", cases());
}

static bool write_csv(const char *path, const GPtrArray *rows, GError **error)
{
	FILE *file = path ? fopen(path, "we") : NULL;

	if (!path)
		return true;
	if (file)
		lu_updates_print_csv(file, rows);
	if (file && fclose(file) == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s cannot be written", path);
	return false;
}

/* Only the requested updates. */
static GPtrArray *chosen_rows(const json_t *results, char **names)
{
	GPtrArray *rows = lu_update_rows(results);

	for (guint i = rows->len; *names && i-- > 0;) {
		const struct lu_update_row *row = rows->pdata[i];

		if (!g_strv_contains((const char *const *)names, row->name))
			g_ptr_array_remove_index(rows, i);
	}
	return rows;
}

static bool show(const json_t *results, void *data, GError **error)
{
	const struct options *options = data;
	g_autoptr(GPtrArray) rows = chosen_rows(results, options->names);

	if (!rows->len) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: no run of an update",
			    options->common.from ?: "updates");
		return false;
	}
	lu_updates_print(stdout, rows);
	return write_csv(options->csv, rows, error);
}

static int run(struct options *options)
{
	struct lu_catalogue catalogue = {.name = "updates", .show = show, .data = options};
	json_auto_t *definition = define(options);

	lu_catalogue_choose(&catalogue, &options->common);
	return lu_catalogue_run(&catalogue, definition);
}

static int updates_main(int argc, char **argv)
{
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	int status;

	if (!parse(&options, &argc, &argv, &status))
		return status;
	options.names = argv + 1;
	status = lu_catalogue_check(&updates, options.names, &error) ? run(&options)
								     : lu_cli_fail(error);
	lu_catalogue_clear(&options.common);
	g_free(options.csv);
	return status;
}

const struct lu_verb lu_verb_updates = {
	.name = "updates",
	.summary = "try which small updates of a kernel component each mechanism carries",
	.place = 100,
	.main = updates_main,
};
