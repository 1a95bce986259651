/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates: tries which small updates of a kernel component each mechanism carries. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/exec/kit/sweep-run.h"
#include "bench/report/update-print.h"
#include "bench/store.h"
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
	char *csv, *machine, *guest, *output, *from;
	gboolean resume, mixed, dry_run, offline, quiet;
};

static void options_clear(struct options *options)
{
	g_free(options->csv);
	g_free(options->machine);
	g_free(options->guest);
	g_free(options->output);
	g_free(options->from);
}

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	const GOptionEntry entries[] = {
		{"csv", 0, 0, G_OPTION_ARG_FILENAME, &options->csv,
		 "also write the cells to this file", "FILE"},
		{"machine", 'm', 0, G_OPTION_ARG_STRING, &options->machine,
		 "machine (default: as for run)", "NAME"},
		{"guest", 0, 0, G_OPTION_ARG_STRING, &options->guest,
		 "real guests or the simulator, which repeats what the updates' sources expect "
		 "(default qemu)",
		 "qemu|sim"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "folder of results and record (default: a new one in "
		 "$XDG_DATA_HOME/lubench/sweeps)",
		 "DIR"},
		{"resume", 0, 0, G_OPTION_ARG_NONE, &options->resume,
		 "run only what its record does not have yet", NULL},
		{"mixed", 0, 0, G_OPTION_ARG_NONE, &options->mixed,
		 "resume even on another host or with another revision of lubench", NULL},
		{"from", 0, 0, G_OPTION_ARG_STRING, &options->from,
		 "run nothing: make the table from these runs", "NAME"},
		{"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
		 "print the plans in their order, and stop", NULL},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline,
		 "never ask the archive: cached assets only", NULL},
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL},
		{NULL},
	};

	return lu_cli_parse(argc, argv, entries, "[UPDATE…]",
			    "Try which small updates of a kernel component each mechanism carries.",
			    description, status);
}

/* Names of all updates, NULL-terminated: the allowed values of the workload's parameter. */
static const char *const *all_updates(void)
{
	const struct lu_workload *catalog = lu_workload_find("catalog", NULL);

	return lu_param_find(catalog->params, "update")->choices;
}

static bool check_names(char **names, GError **error)
{
	for (char **name = names; *name; name++) {
		if (g_strv_contains(all_updates(), *name))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "there is no update %s", *name);
		return false;
	}
	return true;
}

static json_t *updates_of(char **names)
{
	const char *const *each = *names ? (const char *const *)names : all_updates();
	json_t *list = json_array();

	for (; *each; each++)
		json_array_append_new(list, json_string(*each));
	return list;
}

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
static json_t *define(const struct options *options, char **names)
{
	return json_pack("{s:s, s:{s:o}, s:s*, s:s*, s:{s:i, s:f, s:i, s:i}, s:o}", "workload",
			 "catalog", "workload_params", "update", updates_of(names), "machine",
			 options->machine, "guest", options->guest, "client", "connections", 2,
			 "rate_hz", 50.0, "baseline_ms", 500, "settle_ms", 1000, "cases", cases());
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

static bool show(const json_t *results, const struct options *options, char **names, GError **error)
{
	g_autoptr(GPtrArray) rows = chosen_rows(results, names);

	if (!rows->len) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: no run of an update",
			    options->from ? options->from : "updates");
		return false;
	}
	lu_updates_print(stdout, rows);
	return write_csv(options->csv, rows, error);
}

/* NULL: at least some could be tried. */
static const char *why_nothing(const json_t *results)
{
	const char *why = NULL;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (!g_str_equal(lu_cli_get_str(result, "outcome"),
				 lu_outcome_name(LU_UNSUPPORTED)))
			return NULL;
		why = lu_cli_get_str(result, "reason");
	}
	return why;
}

static bool show_tried(const char *dir, guint plans, const struct options *options, char **names,
		       GError **error)
{
	json_auto_t *results = lu_sweep_record_results(dir, error);
	const char *why = results ? why_nothing(results) : NULL;

	if (why)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "%s", why);
	if (!results || why || !show(results, options, names, error))
		return false;
	if (json_array_size(results) >= plans)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "only %zu of %u runs were made",
		    json_array_size(results), plans);
	return false;
}

static int run(const struct lu_sweep *sweep, const json_t *definition,
	       const struct options *options, char **names)
{
	const struct lu_sweep_options how = {
		.output = options->output,
		.resume = options->resume,
		.mixed = options->mixed,
		.quiet = options->quiet,
		.offline = options->offline,
		.silent = true,
	};
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = NULL;
	int status = lu_sweep_run(sweep, definition, "updates", &how, &dir);

	if (!dir || status >= LU_EXIT_SIGNAL)
		return status;
	status = show_tried(dir, sweep->cases->len, options, names, &error) ? LU_EXIT_OK
									    : lu_cli_fail(error);
	g_printerr("saved       %s\n", dir);
	return status;
}

static int try_all(const struct options *options, char **names)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	json_auto_t *definition = define(options, names);
	g_autoptr(GError) error = NULL;
	struct lu_sweep *sweep =
		lu_sweep_new(definition, "updates", machines, lu_cli_host_memory_mb(), &error);
	int status;

	if (!sweep)
		return lu_cli_fail(error);
	status = options->dry_run ? lu_sweep_print_plans(sweep, false)
				  : run(sweep, definition, options, names);
	lu_sweep_free(sweep);
	return status;
}

static bool show_saved(const struct options *options, char **names, GError **error)
{
	g_autofree char *dir = lu_sweep_record_find(options->from, error);
	char *only[] = {dir, NULL};
	g_autoptr(GPtrArray) saved = dir ? lu_store_load(only, error) : NULL;
	json_auto_t *results = saved ? lu_store_results(saved) : NULL;

	return results && show(results, options, names, error);
}

static int updates_main(int argc, char **argv)
{
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	int status;

	if (!parse(&options, &argc, &argv, &status))
		return status;
	if (!check_names(argv + 1, &error))
		status = lu_cli_fail(error);
	else if (options.from)
		status = show_saved(&options, argv + 1, &error) ? LU_EXIT_OK : lu_cli_fail(error);
	else
		status = try_all(&options, argv + 1);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_updates = {
	.name = "updates",
	.summary = "try which small updates of a kernel component each mechanism carries",
	.place = 100,
	.main = updates_main,
};
