/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench compare: strategies against workloads, as a table and a picture. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/compare-ab.h"
#include "bench/compare-matrix.h"
#include "bench/report/matrix-document.h"
#include "bench/report/matrix.h"
#include "bench/report/metric.h"
#include "bench/report/plot-matrix.h"
#include "bench/report/plot-script.h"
#include "bench/report/render.h"
#include "bench/report/tidy.h"
#include "bench/store.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/exec/kit/sweep-run.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/sweep.h"

static const char description[] =
	"Without RUN and --sweep it runs the matrix, as a sweep called \"compare\" (lubench sweep\n"
	"--help: order, record, --resume), with 8 s of settling unless --set client.settle_ms "
	"says\n"
	"otherwise. With them it reads: RUN is \"last\", a result file, a folder of results, or "
	"the\n"
	"beginning of a saved run's ID; --sweep takes \"last\", a sweep's folder or the beginning "
	"of\n"
	"its name.\n"
	"\n"
	"A cell holds the median over its good runs (outcome ok, no oracle failed), the factor to "
	"the\n"
	"least of its column or to --baseline's row, n, with three runs or more a 95 % bootstrap "
	"interval,\n"
	"and the oracles' verdicts; ~ marks a factor that may be chance (rank test, p ≥ "
	"0.05).\n"
	"Rows are in order of their medians. Reasons, failed and waived oracles follow.\n"
	"\n"
	"With --a and --b, or --run A B, two sets of alike runs are compared: by which factor b "
	"lies\n"
	"above a, with a 95 % interval, the p of its rank test, the least change that so many runs "
	"see,\n"
	"and how many runs see --effect. --run runs both in pairs that share a seed, in random "
	"order.\n"
	"With RUN…, --a and --b are labels among those. A gate of --fail-if fails when the whole "
	"interval\n"
	"is beyond it, so by chance in 2.5 % of comparisons at most; below 4 runs a side (6 pairs) "
	"there is\n"
	"no interval, and the gate cannot tell.\n\n"
	"--format csv and jsonl have a row for each run and a column for each parameter and "
	"metric; json is "
	"{\"metrics\",\n"
	"\"baseline\", \"columns\", \"rows\": [{\"label\", \"cells\": [{\"runs\", \"good\", "
	"\"outcomes\",\n"
	"\"metrics\", \"oracles\", \"reasons\", \"ids\"}]}]}; html is a self-contained page.\n"
	"\n"
	"Exit status: 0 when every run has an answer (ok, refused or unsupported) and no oracle\n"
	"failed; 1 otherwise; 2 usage; 128 + N when signal N ended it.\n"
	"With two sets: 1 when a gate fails or a run is not good, 3 when a gate cannot tell.\n"
	"\n"
	"Examples:\n"
	"  lubench compare --plot=all.svg\n"
	"  lubench compare --strategies=kexec,script,cold --workloads=redis --repeat=5\n"
	"  lubench compare --sweep=last --metric=blackout,ttr90 --baseline=cold --format=md\n"
	"  lubench compare --a=before --b=after --fail-if 'blackout > 1.05'\n"
	"  lubench compare --run old.json new.json --repeat=20 --fail-if 'p99 > 1.1'\n";

struct options {
	char *strategies, *workloads, *guest, *output, *sweep, *metric, *baseline, *format, *plot;
	char **sets;
	int repeat;
	gboolean resume, dry_run, quiet, offline, with_suspect;
	struct lu_ab_options ab;
};

static void options_clear(struct options *options)
{
	char **const texts[] = {&options->strategies, &options->workloads, &options->guest,
				&options->output,     &options->sweep,	   &options->metric,
				&options->baseline,   &options->format,	   &options->plot};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_clear_pointer(texts[i], g_free);
	g_strfreev(options->sets);
	lu_ab_options_clear(&options->ab);
}

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	const GOptionEntry own[] = {
		{"strategies", 0, 0, G_OPTION_ARG_STRING, &options->strategies,
		 "rows (default: all)", "NAME,…"},
		{"workloads", 0, 0, G_OPTION_ARG_STRING, &options->workloads,
		 "columns (default: all)", "NAME,…"},
		{"repeat", 'n', 0, G_OPTION_ARG_INT, &options->repeat,
		 "runs of each cell (default 1)", "N"},
		{"guest", 0, 0, G_OPTION_ARG_STRING, &options->guest,
		 "real guests or the simulator (default qemu)", "qemu|sim"},
		{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sets,
		 "any key of the scenario; repeatable", "DOTTED.KEY=VALUE"},
		{"sweep", 0, 0, G_OPTION_ARG_STRING, &options->sweep,
		 "read the runs of that sweep instead of running", "NAME"},
		{"metric", 0, 0, G_OPTION_ARG_STRING, &options->metric,
		 "metrics, a table for each (default blackout): brownout, ttr90, total, "
		 "extra_bytes, p99, run.p99 of the whole run, read.p99 of reads, …",
		 "NAME,…"},
		{"baseline", 0, 0, G_OPTION_ARG_STRING, &options->baseline,
		 "row that the others are compared with (default: the least of each column)",
		 "ROW"},
		{"format", 0, 0, G_OPTION_ARG_STRING, &options->format,
		 "output format (default text)", "text|md|csv|jsonl|json|html"},
		{"plot", 0, 0, G_OPTION_ARG_FILENAME, &options->plot,
		 "picture of the first metric: .svg, .png or .pdf", "FILE"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "folder of results and record", "DIR"},
		{"resume", 0, 0, G_OPTION_ARG_NONE, &options->resume,
		 "run only what its record does not have yet", NULL},
		{"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
		 "print the plans in their order, and stop", NULL},
		LU_CLI_WITH_SUSPECT(&options->with_suspect),
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline,
		 "never ask the archive: cached assets only", NULL},
		{NULL},
	};

	GOptionEntry entries[LU_AB_ENTRIES + G_N_ELEMENTS(own)];

	lu_ab_entries(&options->ab, entries);
	memcpy(entries + LU_AB_ENTRIES, own, sizeof(own));
	return lu_cli_parse(argc, argv, entries, "[RUN…]",
			    "Compare strategies over workloads, as a table and a picture.",
			    description, status);
}

/* The request, checked before anything runs. */
struct request {
	GPtrArray *names; /* names of metrics in results, NULL-terminated */
	const char *format;
	lu_render *render;
};

static bool find_format(struct request *request, const char *given, GError **error)
{
	request->format = given ? given : "text";
	if (strcmp(request->format, "jsonl") == 0)
		return true; /* of runs, not of a document */
	request->render = lu_render_find(request->format, error);
	return request->render != NULL;
}

/* CSV is records and JSON the matrix itself; all other formats are for people. */
static void print(const json_t *matrix, const struct request *request)
{
	struct lu_document *document;

	if (!request->render || strcmp(request->format, "json") == 0) {
		lu_cli_print_json(matrix);
		return;
	}
	document = lu_matrix_document(matrix);
	request->render(stdout, document);
	lu_document_free(document);
}

static bool find_metrics(struct request *request, const char *given, GError **error)
{
	request->names = lu_metric_find_all(given ? given : "blackout", error);
	if (request->names)
		g_ptr_array_add(request->names, NULL);
	return request->names != NULL;
}

static bool check_plot(const char *path, GError **error)
{
	g_autoptr(GString) scratch = g_string_new(NULL);

	return !path || lu_plot_begin(scratch, path, 1, 1, error);
}

static bool make_request(struct request *request, const struct options *options, int arguments,
			 GError **error)
{
	if (options->sweep && arguments) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE,
				    "--sweep and RUN: allowed is one of them");
		return false;
	}
	return find_format(request, options->format, error) &&
	       find_metrics(request, options->metric, error) && check_plot(options->plot, error);
}

static bool draw(const json_t *matrix, const char *metric, const char *path, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);

	return lu_plot_matrix(script, path, matrix, metric, error) &&
	       lu_plot_render(script, path, error);
}

/* refused and unsupported are answers; any other outcome that is not good is a failure. */
static int status_of(const json_t *results)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		const char *outcome = lu_cli_get_str(result, "outcome");

		if (!lu_result_good(result) && strcmp(outcome, lu_outcome_name(LU_REFUSED)) != 0 &&
		    strcmp(outcome, lu_outcome_name(LU_UNSUPPORTED)) != 0)
			return LU_EXIT_FAILED;
	}
	return LU_EXIT_OK;
}

static int show(const json_t *results, const struct request *request, const struct options *options)
{
	const char *const *metrics = (const char *const *)request->names->pdata;
	g_autoptr(GError) error = NULL;

	if (!lu_metric_check_classes(request->names, results, &error))
		return lu_cli_fail(error);
	json_t *matrix =
		lu_matrix_new(results, metrics, options->baseline, options->with_suspect, &error);

	if (!matrix)
		return lu_cli_fail(error);
	if (!lu_tidy_print(stdout, results, request->format))
		print(matrix, request);
	fflush(stdout);
	bool drawn = !options->plot || draw(matrix, metrics[0], options->plot, &error);

	json_decref(matrix);
	return drawn ? status_of(results) : lu_cli_fail(error);
}

/* *dir is the folder of its record; NULL when there is nothing to show. */
static int run_sweep(const struct lu_sweep *sweep, const json_t *definition,
		     const struct options *options, char **dir)
{
	const struct lu_sweep_options how = {
		.output = options->output,
		.resume = options->resume,
		.mixed = options->ab.mixed,
		.quiet = options->quiet,
		.offline = options->offline,
		.silent = true,
	};
	int status = lu_sweep_run(sweep, definition, "compare", &how, dir);

	if (status >= LU_EXIT_SIGNAL)
		g_clear_pointer(dir, g_free);
	return status;
}

static int run_matrix(const struct request *request, const struct options *options)
{
	g_autofree char *machines = lu_cli_data_dir("machines"), *dir = NULL;
	g_autoptr(GError) error = NULL;
	const struct lu_matrix_choice choice = {
		.strategies = options->strategies,
		.workloads = options->workloads,
		.guest = options->guest,
		.sets = options->sets,
		.repeat = options->repeat ? options->repeat : 1,
	};
	json_t *definition = lu_matrix_define(&choice, &error), *results = NULL;
	struct lu_sweep *sweep = NULL;
	int status = LU_EXIT_USAGE;

	if (definition)
		sweep = lu_sweep_new(definition, "compare", machines, lu_cli_host_memory_mb(),
				     &error);
	if (!sweep)
		status = lu_cli_fail(error);
	else if (options->dry_run)
		status = lu_sweep_print_plans(sweep, false);
	else
		status = run_sweep(sweep, definition, options, &dir);
	if (dir && !(results = lu_sweep_record_results(dir, &error)))
		status = lu_cli_fail(error);
	if (results) {
		status = show(results, request, options);
		g_printerr("saved       %s\n", dir);
	}
	json_decref(results);
	lu_sweep_free(sweep);
	json_decref(definition);
	return status;
}

static json_t *read_sweep(const char *name, GError **error)
{
	g_autofree char *dir = lu_sweep_record_find(name, error);

	return dir ? lu_sweep_record_results(dir, error) : NULL;
}

static json_t *read_runs(char **names, GError **error)
{
	g_autoptr(GPtrArray) saved = lu_store_load(names, error);

	return saved ? lu_store_results(saved) : NULL;
}

static int show_saved(const struct request *request, const struct options *options, char **names)
{
	g_autoptr(GError) error = NULL;
	json_t *results =
		options->sweep ? read_sweep(options->sweep, &error) : read_runs(names, &error);
	int status;

	if (results && json_array_size(results) == 0)
		g_set_error(&error, LU_ERROR, LU_ERROR_USAGE, "%s: no run has ended yet",
			    options->sweep);
	status = error ? lu_cli_fail(error) : show(results, request, options);
	json_decref(results);
	return status;
}

/* Two sets of runs instead of a matrix. */
static int compare_two(const struct request *request, const struct options *options, char **names)
{
	g_ptr_array_remove_index(request->names, request->names->len - 1); /* its NULL */
	const struct lu_ab_request two = {
		.metrics = request->names,
		.render = strcmp(request->format, "json") == 0 ? NULL : request->render,
		.with_suspect = options->with_suspect,
		.names = names,
		.repeat = options->repeat,
		.guest = options->guest,
		.output = options->output,
		.sets = options->sets,
		.quiet = options->quiet,
		.offline = options->offline,
		.dry_run = options->dry_run,
	};

	return lu_ab_main(&options->ab, &two);
}

static int compare(const struct options *options, char **names)
{
	struct request request = {0};
	g_autoptr(GError) error = NULL;
	int status;

	if (!make_request(&request, options, (int)g_strv_length(names), &error))
		status = lu_cli_fail(error);
	else if (lu_ab_asked_for(&options->ab))
		status = compare_two(&request, options, names);
	else if (options->sweep || *names)
		status = show_saved(&request, options, names);
	else
		status = run_matrix(&request, options);
	g_clear_pointer(&request.names, g_ptr_array_unref);
	return status;
}

static int compare_main(int argc, char **argv)
{
	struct options options = {0};
	int status;

	if (parse(&options, &argc, &argv, &status))
		status = compare(&options, argv + 1);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_compare = {
	.name = "compare",
	.summary = "compare strategies over workloads",
	.place = 30,
	.main = compare_main,
};
