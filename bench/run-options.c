/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of `lubench run`, and the scenario made of them and a file. */
#include "bench/run-options.h"
#include <string.h>
#include "bench/cli.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/plan.h"
#include "model/strategy.h"

#define MAX_REPEAT 10000

/* A flag that sets one key of the scenario. Values are passed as typed: the plan checks them and
 * names the key. */
static const struct key_flag {
	const char *flag, *key, *meaning, *help; /* help NULL: machine_help() */
} key_flags[LU_RUN_KEYS] = {
	{"strategy", "strategy", "NAME", "strategy of the upgrade (lubench list strategies)"},
	{"workload", "workload", "NAME",
	 "service and client (default: one that the strategy carries)"},
	{"machine", "machine", "NAME", NULL},
	{"guest", "guest", "qemu|sim", "a real guest or the simulator (default qemu)"},
	{"seed", "seed", "N", "seed of everything random (default 1); repeats count up from it"},
	{"connections", "client.connections", "N", "client connections (default 8)"},
	{"rate", "client.rate_hz", "HZ", "requests a second over all connections (default 200)"},
	{"churn", "client.churn_hz", "HZ",
	 "connections a second that are opened for one request and closed, beside those that stay "
	 "(default 0)"},
	{"timeout", "client.timeout_ms", "MS",
	 "a request without a reply this long after its intended time is lost (default 30000)"},
	{"accel", "accel", "auto|tcg|icount|kvm",
	 "accelerator (default auto: kvm if it really runs a guest, else tcg; icount: tcg with a "
	 "clock that counts instructions)"},
	{"memory", "memory_mb", "MB", "guest memory (default: the machine's)"},
	{"update-from", "update.from", "RELEASE",
	 "kernel before the update: previous (default), newest, a packaged release, a folder"},
	{"update-to", "update.to", "RELEASE",
	 "kernel after it: newest (default), previous, a packaged release (\"6.12\"), a folder"},
	{"cpus", "cpus", "N", "virtual CPUs, 1 to 16 (default: the machine's)"},
	{"update", "update.kind", "KIND", "what changes (default kernel)"},
	{"cycles", "cycles", "N",
	 "upgrades of the same system, each back from the one before (default 1)"},
};

static const char description[] =
	"SCENARIO is a JSON file, a name of `lubench list scenarios`, or a result file, whose plan "
	"is\n"
	"used; flags override its keys.\n"
	"--param sets a parameter of the strategy or the workload, whichever declares it. --set "
	"sets any\n"
	"other key, for example --set client.baseline_ms=5000.\n"
	"\n"
	"With --json, standard output is the result document and nothing else; with --repeat above "
	"1 it\n"
	"is {\"schema_version\", \"asked_for\", \"results\": [the documents], \"summary\": {…}}. "
	"Each repeat is a fresh guest with\n"
	"the next seed. The document of --dry-run is itself a scenario.\n"
	"\n"
	"Exit status: 0 ok; 1 failed, timed out or refused, or an oracle failed; 2 usage; 4 "
	"unsupported;\n"
	"128 + N when signal N ended it (then there is no result of that run; those before it are\n"
	"reported and saved).\n"
	"\n"
	"Examples:\n"
	"  lubench run --strategy=kexec\n"
	"  lubench run --strategy=kexec --workload=redis --param dataset_mb=64 --repeat 10\n"
	"  lubench run --kernel=$HOME/linux --strategy=hotswap --workload=block\n"
	"  lubench run --guest=sim --strategy=kexec --fault PRESERVE\n";

/* The default machine is data. */
static const char *machine_help(void)
{
	static char *help;
	const char *name = lu_cli_default_machine();

	if (!help)
		help = name ? g_strdup_printf("guest (default %s)", name)
			    : g_strdup("guest (lubench list machines)");
	return help;
}

static size_t add_key_flags(GOptionEntry *entries, struct lu_run_options *options)
{
	for (size_t i = 0; i < LU_RUN_KEYS; i++)
		entries[i] = (GOptionEntry){.long_name = key_flags[i].flag,
					    .arg = G_OPTION_ARG_STRING,
					    .arg_data = &options->keys[i],
					    .description = key_flags[i].help ?: machine_help(),
					    .arg_description = key_flags[i].meaning};
	return LU_RUN_KEYS;
}

static bool take_positional(struct lu_run_options *options, int argc, char **argv)
{
	if (argc > 2) {
		g_printerr("%s: one scenario at a time: unexpected argument \"%s\"\n",
			   g_get_prgname(), argv[2]);
		return false;
	}
	if (options->repeat < 1 || options->repeat > MAX_REPEAT) {
		g_printerr("%s: --repeat: %d: allowed is 1 to %d\n", g_get_prgname(),
			   options->repeat, MAX_REPEAT);
		return false;
	}
	if (options->capture && options->repeat > 1) {
		g_printerr("%s: --capture: one run's frames only: leave out --repeat\n",
			   g_get_prgname());
		return false;
	}
	options->scenario = g_strdup(argc == 2 ? argv[1] : NULL);
	return true;
}

bool lu_run_options_parse(struct lu_run_options *options, int argc, char **argv, int *status)
{
	const GOptionEntry rest[] = {
		{"param", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options->params,
		 "a parameter of the strategy or workload; repeatable", "KEY=VALUE"},
		{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sets,
		 "any key of the scenario; repeatable", "DOTTED.KEY=VALUE"},
		{"fault", 0, 0, G_OPTION_ARG_STRING, &options->fault,
		 "inject a fault into that phase (default kind: error)", "PHASE[:KIND]"},
		{"kernel", 0, 0, G_OPTION_ARG_FILENAME, &options->kernel,
		 "a kernel of your own, before and after the update: the folder in which it was "
		 "built, with its modules installed into it (sets update.from and update.to)",
		 "DIR"},
		{"repeat", 'n', 0, G_OPTION_ARG_INT, &options->repeat, "number of runs (default 1)",
		 "N"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "folder of the results (default $XDG_DATA_HOME/lubench/runs)", "DIR"},
		{"label", 0, 0, G_OPTION_ARG_STRING, &options->label,
		 "a name by which show, plot and compare find these runs", "NAME"},
		{"capture", 0, 0, G_OPTION_ARG_FILENAME, &options->capture,
		 "write the frames of the guest's port to FILE as pcap, those of a standby to "
		 "FILE.standby, of the network between the two to FILE.link1 and FILE.link2; each "
		 "at most 2 GB",
		 "FILE"},
		{"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
		 "print the plan, every default explicit, and stop", NULL},
		{"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
		 "print the result document instead of a summary", NULL},
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline,
		 "never ask the archive: cached assets only", NULL},
		{NULL},
	};
	GOptionEntry entries[LU_RUN_KEYS + G_N_ELEMENTS(rest)];

	*options = (struct lu_run_options){.repeat = 1};
	memcpy(entries + add_key_flags(entries, options), rest, sizeof(rest));
	if (!lu_cli_parse(&argc, &argv, entries, "[SCENARIO]",
			  "Run one upgrade, or several repeats of it, and report what it cost.",
			  description, status))
		return false;
	*status = LU_EXIT_USAGE;
	return take_positional(options, argc, argv);
}

void lu_run_options_clear(struct lu_run_options *options)
{
	for (size_t i = 0; i < LU_RUN_KEYS; i++)
		g_free(options->keys[i]);
	g_free(options->fault);
	g_free(options->kernel);
	g_free(options->output);
	g_free(options->label);
	g_free(options->capture);
	g_free(options->scenario);
	g_strfreev(options->params);
	g_strfreev(options->sets);
}

static bool apply_keys(json_t *scenario, const struct lu_run_options *options, GError **error)
{
	for (size_t i = 0; i < LU_RUN_KEYS; i++)
		if (options->keys[i] &&
		    !lu_scenario_set(scenario, key_flags[i].key, options->keys[i], error))
			return false;
	return true;
}

static bool apply_fault(json_t *scenario, const char *fault, GError **error)
{
	if (!fault)
		return true;
	g_auto(GStrv) parts = g_strsplit(fault, ":", 2);
	g_autofree char *phase = g_ascii_strup(parts[0] ? parts[0] : "", -1);

	return lu_scenario_set(scenario, "fault.phase", phase, error) &&
	       lu_scenario_set(scenario, "fault.kind", parts[0] && parts[1] ? parts[1] : "error",
			       error);
}

/* The plan must mean the same wherever it is run again. */
static bool apply_kernel(json_t *scenario, const char *kernel, GError **error)
{
	g_autofree char *path = kernel ? g_canonicalize_filename(kernel, NULL) : NULL;

	return !path || (lu_scenario_set(scenario, "update.from", path, error) &&
			 lu_scenario_set(scenario, "update.to", path, error));
}

static bool apply_set(json_t *scenario, const char *assignment, GError **error)
{
	return lu_cli_apply_set(scenario, assignment, lu_scenario_set, error);
}

static bool apply_all(json_t *scenario, char **assignments,
		      bool (*apply)(json_t *, const char *, GError **), GError **error)
{
	for (char **each = assignments; each && *each; each++)
		if (!apply(scenario, *each, error))
			return false;
	return true;
}

/* Checked here before the plan does, so that a bare `lubench run` lists the strategies. */
static bool check_strategy_given(const json_t *scenario, const char *name, GError **error)
{
	if (json_object_get(scenario, "strategy"))
		return true;
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; lu_strategy_at(i); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", lu_strategy_at(i)->name);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: strategy is missing: use --strategy=NAME, one of %s", name, names->str);
	return false;
}

json_t *lu_run_options_scenario(const struct lu_run_options *options, char **name, GError **error)
{
	*name = options->scenario ? lu_cli_data_file("scenarios", options->scenario)
				  : g_strdup("flags");
	json_t *scenario = options->scenario ? lu_scenario_load(*name, error) : json_object();

	if (!scenario)
		return NULL;
	if (apply_keys(scenario, options, error) && apply_fault(scenario, options->fault, error) &&
	    apply_kernel(scenario, options->kernel, error) &&
	    apply_all(scenario, options->sets, apply_set, error) &&
	    check_strategy_given(scenario, *name, error) &&
	    apply_all(scenario, options->params, lu_scenario_set_param, error))
		return scenario;
	json_decref(scenario);
	return NULL;
}
