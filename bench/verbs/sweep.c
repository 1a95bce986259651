/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench sweep: all combinations of a scenario's lists. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/exec/kit/sweep-run.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/sweep.h"

static const char description[] =
	"SWEEP is a JSON file or a name of `lubench list sweeps`: a scenario in which any key may\n"
	"hold a list. All combinations are run. \"cases\" is a list of parts, each of which "
	"overrides\n"
	"the rest in turn; \"sweep\": {\"title\", \"repeat\", \"order_seed\"} are keys of the "
	"sweep itself. A\n"
	"parameter that only some strategies or workloads have applies to those. --set KEY=A,B,C\n"
	"gives a key a list.\n"
	"\n"
	"Runs go one after another: each combination once in random order (by order_seed), then "
	"all\n"
	"again in another order for the next repeat, with the next seed. A run that fails, is "
	"refused or\n"
	"unsupported is a row like any other. The folder holds the results and sweep.jsonl, one "
	"line\n"
	"per run: --resume continues the newest sweep of that name (or the one in --output)\n"
	"and repeats no run that its record has.\n"
	"\n"
	"With --json, standard output is {\"schema_version\", \"name\", \"dir\", \"rows\": "
	"[{\"hash\",\n"
	"\"seed\", \"repeat\", \"outcome\", …}]}; of --dry-run, {…, \"plans\": [{\"label\", "
	"\"hash\",\n"
	"\"repeat\", \"plan\"}]}.\n"
	"\n"
	"Exit status: that of run for the worst row: 0 ok; 1 failed, timed out or refused, or an\n"
	"oracle failed; 2 usage; 4 unsupported; 128 + N when signal N ended it.\n"
	"\n"
	"Examples:\n"
	"  lubench sweep kexec-dataset\n"
	"  lubench sweep my.json --guest=sim --repeat=5 --set workload_params.state_mb=8,64\n"
	"  lubench sweep my.json --resume && lubench compare --sweep=my --plot=my.svg\n";

struct options {
	char *guest, *output;
	char **sets;
	int repeat;
	gboolean resume, mixed, dry_run, json, quiet, offline;
};

static void options_clear(struct options *options)
{
	g_free(options->guest);
	g_free(options->output);
	g_strfreev(options->sets);
}

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	const GOptionEntry entries[] = {
		{"guest", 0, 0, G_OPTION_ARG_STRING, &options->guest,
		 "a real guest or the simulator, for all", "qemu|sim"},
		{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sets,
		 "any key of the scenario; several values make a list; repeatable",
		 "DOTTED.KEY=VALUE[,VALUE…]"},
		{"repeat", 'n', 0, G_OPTION_ARG_INT, &options->repeat, "runs of each combination",
		 "N"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "folder of results and record (default: a new one in "
		 "$XDG_DATA_HOME/lubench/sweeps)",
		 "DIR"},
		{"resume", 0, 0, G_OPTION_ARG_NONE, &options->resume,
		 "run only what its record does not have yet", NULL},
		{"mixed", 0, 0, G_OPTION_ARG_NONE, &options->mixed,
		 "resume even on another host, or with another QEMU, package or lubench", NULL},
		{"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
		 "print the plans in their order, and stop", NULL},
		{"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON", NULL},
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline,
		 "never ask the archive: cached assets only", NULL},
		{NULL},
	};

	if (!lu_cli_parse(argc, argv, entries, "SWEEP", "Run a scenario over lists of its keys.",
			  description, status))
		return false;
	*status = LU_EXIT_USAGE;
	if (*argc == 2)
		return true;
	g_printerr("%s: exactly one SWEEP is needed: a file or a name of `lubench list sweeps`\n",
		   g_get_prgname());
	return false;
}

static bool apply_sets(json_t *definition, char **sets, GError **error)
{
	for (char **each = sets; each && *each; each++)
		if (!lu_cli_apply_set(definition, *each, lu_sweep_set, error))
			return false;
	return true;
}

/* Flags over the file. */
static json_t *load(const char *file, const struct options *options, GError **error)
{
	json_t *definition = lu_scenario_load(file, error);

	if (!definition)
		return NULL;
	if (options->repeat) {
		json_t *own = json_object_get(definition, "sweep");

		if (!own)
			json_object_set_new(definition, "sweep", own = json_object());
		json_object_set_new(own, "repeat", json_integer(options->repeat));
	}
	if ((!options->guest || lu_scenario_set(definition, "guest", options->guest, error)) &&
	    apply_sets(definition, options->sets, error))
		return definition;
	json_decref(definition);
	return NULL;
}

static int print_rows(const struct lu_sweep *sweep, const char *dir, int status)
{
	g_autoptr(GError) error = NULL;
	json_t *rows = lu_sweep_record_rows(dir, &error);

	if (!rows)
		return lu_cli_fail(error);
	json_t *doc = json_pack("{s:i, s:s, s:s, s:o}", "schema_version", LU_SCHEMA_VERSION, "name",
				sweep->name, "dir", dir, "rows", rows);

	if (!lu_cli_print_json(doc))
		status = LU_EXIT_FAILED;
	json_decref(doc);
	return status;
}

static int run(const struct lu_sweep *sweep, const json_t *definition, const char *file,
	       const struct options *options)
{
	const struct lu_sweep_options how = {
		.output = options->output,
		.resume = options->resume,
		.mixed = options->mixed,
		.quiet = options->quiet,
		.offline = options->offline,
		.silent = options->json,
	};
	g_autofree char *dir = NULL;
	int status = lu_sweep_run(sweep, definition, file, &how, &dir);

	if (!dir || status >= LU_EXIT_SIGNAL)
		return status;
	if (options->json)
		return print_rows(sweep, dir, status);
	printf("saved       %s\nnext        lubench compare --sweep=%s --plot=%s.svg\n", dir,
	       options->output ? dir : sweep->name, sweep->name);
	return status;
}

static int sweep_file(const char *given, const struct options *options)
{
	g_autofree char *file = lu_cli_data_file("sweeps", given);
	g_autofree char *machines = lu_cli_data_dir("machines");
	g_autoptr(GError) error = NULL;
	json_t *definition = load(file, options, &error);
	struct lu_sweep *sweep = NULL;
	int status;

	if (definition)
		sweep = lu_sweep_new(definition, file, machines, lu_cli_host_memory_mb(), &error);
	if (!sweep)
		status = lu_cli_fail(error);
	else
		status = options->dry_run ? lu_sweep_print_plans(sweep, options->json)
					  : run(sweep, definition, file, options);
	lu_sweep_free(sweep);
	json_decref(definition);
	return status;
}

static int sweep_main(int argc, char **argv)
{
	struct options options = {0};
	int status;

	if (parse(&options, &argc, &argv, &status))
		status = sweep_file(argv[1], &options);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_sweep = {
	.name = "sweep",
	.summary = "run a scenario over lists of its keys",
	.place = 20,
	.main = sweep_main,
};
