/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run: one plan, once or several times. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "bench/exec/kit/batch.h"
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/run-options.h"
#include "bench/report/summary.h"
#include "bench/verb.h"
#include "record/error.h"

struct session {
	const struct lu_run_options *options;
	const struct lu_plan *plan;
	struct lu_batch batch;
	json_t *results; /* array */
};

/* When another process ran the plan, the timeline is only in its file. */
static void print_in_full(const struct lu_ended *run)
{
	struct lu_timeline *read =
		run->timeline || !run->path ? NULL : lu_result_load_timeline(run->path, NULL);

	lu_summary_print(stdout, run->result, run->timeline ?: read, run->path);
	g_clear_pointer(&read, lu_timeline_free);
}

/* Something that this host lacks will be lacking in the next repeat, too. */
static bool keep(void *data, const struct lu_ended *run)
{
	struct session *session = data;

	json_array_append(session->results, (json_t *)run->result);
	if (!session->options->json) {
		if (session->options->repeat > 1)
			lu_summary_line(stdout, run->result);
		else
			print_in_full(run);
		fflush(stdout);
	}
	return session->batch.status != LU_EXIT_UNSUPPORTED;
}

static GPtrArray *repeats(const struct session *session)
{
	GPtrArray *plans = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);

	for (int i = 0; i < session->options->repeat; i++)
		g_ptr_array_add(
			plans, lu_plan_with_seed(session->plan, session->plan->seed + (uint64_t)i));
	return plans;
}

static void report(struct session *session)
{
	if (session->options->repeat == 1) {
		if (session->options->json &&
		    !lu_cli_print_json(json_array_get(session->results, 0)))
			session->batch.status = LU_EXIT_FAILED;
		return;
	}
	json_t *summary = lu_group_summary(session->results, false);

	if (session->options->json) {
		json_t *doc = json_pack("{s:i, s:i, s:O, s:O}", "schema_version", LU_SCHEMA_VERSION,
					"asked_for", session->options->repeat, "results",
					session->results, "summary", summary);

		if (!lu_cli_print_json(doc))
			session->batch.status = LU_EXIT_FAILED;
		json_decref(doc);
	} else {
		lu_group_print(stdout, summary);
		printf("saved       %s\n", session->batch.dir);
	}
	json_decref(summary);
}

/* Results that have been saved are there, whatever ended
 * the rest: what was asked for is said of them. */
static int end(struct session *session, const GError *error)
{
	size_t done = json_array_size(session->results);

	if (!done || !g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_batch_fail(&session->batch, error);
	lu_progress_clear(&session->batch.progress);
	report(session);
	fflush(stdout);
	g_printerr("%s: interrupted after %zu of %d runs, which are saved in %s\n", g_get_prgname(),
		   done, session->options->repeat, session->batch.dir);
	return lu_batch_interrupted();
}

static int run_plan(const struct lu_plan *plan, const char *name,
		    const struct lu_run_options *options)
{
	g_autoptr(GError) error = NULL;
	struct session session = {
		.options = options,
		.plan = plan,
		.results = json_array(),
	};
	struct lu_batch *batch = &session.batch;

	lu_batch_init(batch, name, options->output, (unsigned)options->repeat, options->quiet,
		      options->offline);
	batch->capture = options->capture;
	g_autoptr(GPtrArray) plans = repeats(&session);

	if (lu_batch_run(batch, plans, keep, &session, &error))
		report(&session);
	else
		batch->status = end(&session, error);
	json_decref(session.results);
	lu_batch_clear(batch);
	return batch->status;
}

/* The document is a scenario; its hash goes to stderr, so that stdout stays one. */
static int print_plan(const struct lu_plan *plan)
{
	g_printerr("plan SHA-256 %s\n", plan->hash);
	return lu_cli_print_json(plan->doc) ? LU_EXIT_OK : LU_EXIT_FAILED;
}

/* *name: the scenario's name for messages; caller frees. */
static struct lu_plan *make_plan(const struct lu_run_options *options, char **name, GError **error)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	json_t *scenario = lu_run_options_scenario(options, name, error);

	if (!scenario)
		return NULL;
	struct lu_plan *plan =
		lu_plan_new(scenario, *name, machines, lu_cli_host_memory_mb(), error);

	json_decref(scenario);
	if (plan && options->label && !lu_plan_set_label(plan, options->label, error))
		g_clear_pointer(&plan, lu_plan_free);
	return plan;
}

static bool check_output(const struct lu_run_options *options, GError **error)
{
	g_autofree char *dir = options->output ? g_strdup(options->output) : lu_cli_runs_dir();

	return lu_batch_check_dir(dir, error);
}

/* Found out before the run, not in its middle. */
static bool check_capture(const struct lu_run_options *options, const struct lu_plan *plan,
			  GError **error)
{
	int fd;

	if (!options->capture)
		return true;
	if (plan->guest == LU_GUEST_SIM) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE,
				    "--capture: the simulated guest sends no frames; allowed with "
				    "--guest=qemu");
		return false;
	}
	fd = open(options->capture, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		return close(fd) == 0;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--capture: %s: %s", options->capture,
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

	if (!plan || (!options.dry_run &&
		      (!check_output(&options, &error) || !check_capture(&options, plan, &error))))
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
	.place = 10,
	.main = run_main,
};
