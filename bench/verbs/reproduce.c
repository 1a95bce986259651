/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench reproduce: run a result's plan again, and say whether it says the same. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/batch.h"
#include "bench/report/metric.h"
#include "bench/report/render.h"
#include "bench/report/reproduction.h"
#include "bench/report/summary.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "record/error.h"

#define REPEAT	   5
#define MAX_REPEAT 10000
#define METRICS	   "blackout,blackout_worst_connection,p99,total"

static const char description[] =
	"RESULT is \"last\", a result file or the beginning of a saved run's ID. Its plan, seed "
	"and all,\n"
	"is run N times. Measured figures agree when the result's lies where the runs let one "
	"more be\n"
	"expected (95 % for all metrics together, when logarithms scatter normally: the fewer "
	"runs, the\n"
	"wider); simulated ones when they are the same. Outcomes and oracles have to be the same.\n"
	"\n"
	"When this host, a kernel, QEMU, a package or lubench's revision is another than the "
	"result's, it\n"
	"stops after the first run and says which; --mixed goes on. Suspect runs do not count "
	"unless\n"
	"--with-suspect asks for them.\n"
	"\n"
	"Exit status: 0 agrees; 1 differs; 2 usage; 3 cannot tell, and why; 4 unsupported;\n"
	"128 + N when signal N ended it.\n"
	"\n"
	"Examples:\n"
	"  lubench reproduce last\n"
	"  lubench reproduce --repeat=10 --metric=blackout,p99 paper/kexec.json\n";

struct options {
	char *metric, *output, *format;
	int repeat;
	gboolean mixed, with_suspect, quiet, offline;
};

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	const GOptionEntry entries[] = {
		{"repeat", 'n', 0, G_OPTION_ARG_INT, &options->repeat,
		 "number of runs (default 5; 1 in the simulator)", "N"},
		{"metric", 0, 0, G_OPTION_ARG_STRING, &options->metric,
		 "figures to compare (default " METRICS ")", "NAME,…"},
		{"mixed", 0, 0, G_OPTION_ARG_NONE, &options->mixed,
		 "judge even when conditions are not the result's", NULL},
		{"format", 0, 0, G_OPTION_ARG_STRING, &options->format,
		 "output format (default text)", "text|md|csv|json|html"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "folder of the results (default $XDG_DATA_HOME/lubench/runs)", "DIR"},
		LU_CLI_WITH_SUSPECT(&options->with_suspect),
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline,
		 "never ask the archive: cached assets only", NULL},
		{NULL},
	};

	return lu_cli_parse(argc, argv, entries, "RESULT",
			    "Run a result's plan again, and say whether it is reproduced.",
			    description, status);
}

static void options_clear(struct options *options)
{
	g_free(options->metric);
	g_free(options->output);
	g_free(options->format);
}

struct session {
	const struct options *options;
	struct lu_saved *original;
	GPtrArray *metrics; /* of names in results */
	lu_render *render;  /* NULL: JSON */
	struct lu_plan *plan;
	json_t *results;
};

static void session_clear(struct session *session)
{
	g_clear_pointer(&session->metrics, g_ptr_array_unref);
	g_clear_pointer(&session->plan, lu_plan_free);
	json_decref(session->results);
}

/* Further runs under other conditions would answer nothing. */
static bool keep(void *data, const struct lu_ended *run)
{
	struct session *session = data;
	g_autofree char *differ = lu_reproduction_differs(session->original->result, run->result);

	json_array_append(session->results, (json_t *)run->result);
	if (!session->options->quiet)
		lu_summary_line(stderr, run->result);
	return !differ || session->options->mixed;
}

static GPtrArray *repeats(const struct session *session)
{
	GPtrArray *plans = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);
	bool simulated = session->plan->guest == LU_GUEST_SIM;
	int n = session->options->repeat ?: (simulated ? 1 : REPEAT);

	for (int i = 0; i < n; i++)
		g_ptr_array_add(plans, lu_plan_with_seed(session->plan, session->plan->seed));
	return plans;
}

static int status_of(const json_t *judgement)
{
	const char *verdict = lu_cli_get_str(judgement, "verdict");

	if (strcmp(verdict, "agrees") == 0)
		return LU_EXIT_OK;
	return strcmp(verdict, "differs") == 0 ? LU_EXIT_FAILED : LU_EXIT_UNDECIDED;
}

static int report(const struct session *session)
{
	const struct lu_reproduction reproduction = {
		.original = session->original->result,
		.repeats = session->results,
		.metrics = session->metrics,
		.with_suspect = session->options->with_suspect,
		.mixed = session->options->mixed,
	};
	json_auto_t *judgement = lu_reproduction_judge(&reproduction);

	if (session->render) {
		struct lu_document *document = lu_reproduction_document(judgement);

		session->render(stdout, document);
		lu_document_free(document);
	} else if (!lu_cli_print_json(judgement)) {
		return LU_EXIT_FAILED;
	}
	return status_of(judgement);
}

/* What this host lacks is no answer; any other end of a run is one. */
static int run_all(struct session *session)
{
	const struct options *options = session->options;
	g_autoptr(GPtrArray) plans = repeats(session);
	g_autoptr(GError) error = NULL;
	struct lu_batch batch;
	int status;

	lu_batch_init(&batch, session->original->path, options->output, plans->len, options->quiet,
		      options->offline);
	if (!lu_batch_check_dir(batch.dir, &error))
		status = lu_cli_fail(error);
	else if (!lu_batch_run(&batch, plans, keep, session, &error))
		status = lu_batch_fail(&batch, error);
	else
		status = batch.status == LU_EXIT_UNSUPPORTED ? batch.status : report(session);
	lu_batch_clear(&batch);
	return status;
}

static bool find_format(struct session *session, GError **error)
{
	const char *format = session->options->format ?: "text";

	if (strcmp(format, "json") == 0)
		return true;
	session->render = lu_render_find(format, error);
	return session->render != NULL;
}

static bool make_plan(struct session *session, GError **error)
{
	const char *path = session->original->path;
	g_autofree char *machines = lu_cli_data_dir("machines");
	json_auto_t *scenario = lu_scenario_load(path, error);

	if (scenario)
		session->plan =
			lu_plan_new(scenario, path, machines, lu_cli_host_memory_mb(), error);
	return session->plan != NULL;
}

static bool check(const struct options *options, const GPtrArray *saved, GError **error)
{
	if (options->repeat < 0 || options->repeat > MAX_REPEAT)
		return lu_cli_usage(error, "--repeat: allowed is 1 to 10000");
	if (saved->len != 1)
		return lu_cli_usage(error, "one result at a time: name a file or an ID");
	return true;
}

static bool check_metrics(const struct session *session, GError **error)
{
	json_auto_t *original = json_pack("[O]", session->original->result);

	return lu_metric_check_classes(session->metrics, original, error);
}

static int reproduce(const struct options *options, char **names)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) saved = lu_store_load(names, &error);
	struct session session = {.options = options, .results = json_array()};
	bool ok = saved && check(options, saved, &error);

	if (ok)
		session.original = g_ptr_array_index(saved, 0);
	if (ok)
		session.metrics = lu_metric_find_all(options->metric ?: METRICS, &error);
	ok = session.metrics && check_metrics(&session, &error) && find_format(&session, &error) &&
	     make_plan(&session, &error);
	int status = ok ? run_all(&session) : lu_cli_fail(error);

	session_clear(&session);
	return status;
}

static int reproduce_main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct options options = {0};
	int status;

	if (parse(&options, &argc, &argv, &status)) {
		if (argc == 2)
			status = reproduce(&options, argv + 1);
		else if (lu_cli_at_most(argc, argv, 1) &&
			 !lu_cli_usage(&error, "which result? Give a file, an ID, or \"last\""))
			status = lu_cli_fail(error);
		else
			status = LU_EXIT_USAGE;
	}
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_reproduce = {
	.name = "reproduce",
	.summary = "run a result's plan again, and say whether it agrees",
	.place = 45,
	.main = reproduce_main,
};
