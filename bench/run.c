/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run: one plan, once or several times. */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include "bench/cli.h"
#include "bench/execute.h"
#include "bench/group.h"
#include "bench/run-options.h"
#include "bench/signals.h"
#include "bench/summary.h"
#include "bench/verb.h"
#include "core/error.h"

struct session {
	const struct lu_run_options *options;
	const struct lu_plan *plan;
	const char *name; /* of the scenario, for messages */
	struct lu_execution execution;
	char *dir;	 /* where results go */
	json_t *results; /* array */
	int status;
};

/* The worst news wins: a failure over something unsupported over ok. */
static void add_status(struct session *session, int status)
{
	if (status == LU_EXIT_FAILED || session->status == LU_EXIT_OK)
		session->status = status;
}

static char *save(struct session *session, const json_t *result, const struct lu_timeline *timeline)
{
	g_autoptr(GError) error = NULL;
	char *path = lu_result_save(result, timeline, session->dir, &error);

	if (!path)
		add_status(session, lu_cli_fail(error));
	return path;
}

static void keep(struct session *session, json_t *result, struct lu_timeline *timeline)
{
	g_autofree char *path = save(session, result, timeline);

	lu_progress_clear(session->execution.progress);
	add_status(session, lu_cli_result_status(result));
	json_array_append_new(session->results, result);
	if (session->options->json)
		return;
	if (session->options->repeat > 1)
		lu_summary_line(stdout, result);
	else
		lu_summary_print(stdout, result, timeline, path);
	fflush(stdout);
}

static bool run_one(struct session *session, uint64_t seed, GError **error)
{
	struct lu_plan *plan = lu_plan_with_seed(session->plan, seed);
	struct lu_timeline *timeline = NULL;

	lu_progress_next(session->execution.progress);
	json_t *result = lu_execute(plan, &session->execution, &timeline, error);

	lu_plan_free(plan);
	if (!result) {
		if (g_error_matches(*error, LU_ERROR, LU_ERROR_USAGE))
			g_prefix_error(error, "%s: ", session->name);
		return false;
	}
	keep(session, result, timeline);
	lu_timeline_free(timeline);
	return true;
}

static bool run_all(struct session *session, GError **error)
{
	for (int i = 0; i < session->options->repeat; i++) {
		if (!run_one(session, session->plan->seed + (uint64_t)i, error))
			return false;
		/* What this host lacks now it will lack the next time too. */
		if (session->status == LU_EXIT_UNSUPPORTED)
			break;
	}
	return true;
}

static void report(struct session *session)
{
	if (session->options->repeat == 1) {
		if (session->options->json &&
		    !lu_cli_print_json(json_array_get(session->results, 0)))
			session->status = LU_EXIT_FAILED;
		return;
	}
	json_t *summary = lu_group_summary(session->results);

	if (session->options->json) {
		json_t *doc = json_pack("{s:i, s:O, s:O}", "schema_version", LU_SCHEMA_VERSION,
					"results", session->results, "summary", summary);

		if (!lu_cli_print_json(doc))
			session->status = LU_EXIT_FAILED;
		json_decref(doc);
	} else {
		lu_group_print(stdout, summary);
		printf("saved       %s\n", session->dir);
	}
	json_decref(summary);
}

static int end(const struct session *session, const GError *error)
{
	lu_progress_clear(session->execution.progress);
	if (!g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_cli_fail(error);
	g_printerr("%s: interrupted, no result\n", g_get_prgname());
	return lu_signals_caught() ? LU_EXIT_SIGNAL + lu_signals_caught() : LU_EXIT_FAILED;
}

static int run_plan(const struct lu_plan *plan, const char *name,
		    const struct lu_run_options *options)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	struct lu_progress progress;
	struct session session = {
		.options = options,
		.plan = plan,
		.name = name,
		.execution = {cancellable, &progress, options->offline},
		.dir = options->output ? g_strdup(options->output) : lu_cli_runs_dir(),
		.results = json_array(),
	};

	lu_progress_init(&progress, options->quiet, (unsigned)options->repeat);
	lu_signals_watch(cancellable);
	if (run_all(&session, &error))
		report(&session);
	else
		session.status = end(&session, error);
	json_decref(session.results);
	g_free(session.dir);
	return session.status;
}

/* The document is a scenario again; its hash goes where it does not disturb. */
static int print_plan(const struct lu_plan *plan)
{
	g_printerr("plan SHA-256 %s\n", plan->hash);
	return lu_cli_print_json(plan->doc) ? LU_EXIT_OK : LU_EXIT_FAILED;
}

/* *name: of the scenario, for messages; caller frees. */
static struct lu_plan *make_plan(const struct lu_run_options *options, char **name, GError **error)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	json_t *scenario = lu_run_options_scenario(options, name, error);

	if (!scenario)
		return NULL;
	struct lu_plan *plan =
		lu_plan_new(scenario, *name, machines, lu_cli_host_memory_mb(), error);

	json_decref(scenario);
	return plan;
}

/* Found out before the run, not after it. */
static bool make_output_dir(const struct lu_run_options *options, GError **error)
{
	g_autofree char *dir = options->output ? g_strdup(options->output) : lu_cli_runs_dir();

	if (g_mkdir_with_parents(dir, 0755) == 0 && g_access(dir, W_OK) == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: cannot write results there: %s; choose another with --output DIR", dir,
		    g_strerror(errno));
	return false;
}

static int run_main(int argc, char **argv)
{
	struct lu_run_options options;
	g_autofree char *name = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_run_options_parse(&options, argc, argv, &status)) {
		lu_run_options_clear(&options);
		return status;
	}
	struct lu_plan *plan = make_plan(&options, &name, &error);

	if (!plan || (!options.dry_run && !make_output_dir(&options, &error)))
		status = lu_cli_fail(error);
	else
		status = options.dry_run ? print_plan(plan) : run_plan(plan, name, &options);
	g_clear_pointer(&plan, lu_plan_free);
	lu_run_options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_run = {
	.name = "run",
	.summary = "run an upgrade under load and measure it",
	.main = run_main,
};
