/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a sweep. */
#include "bench/exec/kit/sweep-run.h"
#include <stdio.h>
#include "bench/exec/kit/batch.h"
#include "bench/cli.h"
#include "bench/exec/kit/signals.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/report/summary.h"
#include "bench/verb.h"
#include "record/error.h"

struct session {
	const struct lu_sweep *sweep;
	const struct lu_sweep_options *options;
	struct lu_sweep_record record;
	struct lu_batch batch;
	json_t *labels;
	int width; /* of the longest */
};

static const struct lu_sweep_case *case_of(const struct lu_sweep *sweep, guint i)
{
	return g_ptr_array_index(sweep->cases, i);
}

static json_t *row_of(const struct lu_sweep_case *one, const json_t *result, const char *path,
		      int64_t us)
{
	g_autofree char *file = g_path_get_basename(path);

	return json_pack("{s:s, s:s, s:I, s:i, s:O, s:O, s:b, s:f, s:s}", "type", "row", "hash",
			 one->plan->hash, "seed", (json_int_t)one->plan->seed, "repeat",
			 (int)one->repeat, "outcome", json_object_get(result, "outcome"), "reason",
			 json_object_get(result, "reason"), "good", lu_result_good(result),
			 "seconds", (double)us / 1e6, "file", file);
}

static void print_line(const struct session *session, guint i, const json_t *result)
{
	if (session->options->silent)
		return;
	printf("%4u  %-*s  ", i + 1, session->width,
	       json_string_value(json_array_get(session->labels, i)));
	if (session->sweep->repeats > 1)
		printf("#%-3u ", case_of(session->sweep, i)->repeat + 1);
	lu_summary_short(stdout, result);
	fflush(stdout);
}

/* What could not be saved has not been run. */
static bool keep(struct session *session, const struct lu_sweep_case *one, const json_t *result,
		 const char *path, int64_t us, GError **error)
{
	if (path)
		return lu_sweep_record_add(&session->record, row_of(one, result, path, us), error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: cannot save a result",
		    session->record.dir);
	return false;
}

static bool run_one(struct session *session, guint i, GError **error)
{
	const struct lu_sweep_case *one = case_of(session->sweep, i);
	int64_t begin_us = g_get_monotonic_time();
	g_autofree char *path = NULL;
	json_t *result = lu_batch_run(&session->batch, one->plan, NULL, &path, error);

	if (!result)
		return false;
	print_line(session, i, result);
	bool kept = keep(session, one, result, path, g_get_monotonic_time() - begin_us, error);

	json_decref(result);
	return kept;
}

/* The same news as when it ran. */
static void add_row_status(struct session *session, const json_t *row)
{
	const char *outcome = lu_cli_get_str(row, "outcome");

	if (json_is_true(json_object_get(row, "good")))
		return;
	lu_batch_add_status(&session->batch, g_str_equal(outcome, lu_outcome_name(LU_UNSUPPORTED))
						     ? LU_EXIT_UNSUPPORTED
						     : LU_EXIT_FAILED);
}

static bool run_all(struct session *session, GError **error)
{
	for (guint i = 0; i < session->sweep->cases->len; i++) {
		const struct lu_plan *plan = case_of(session->sweep, i)->plan;

		if (lu_sweep_record_has(&session->record, plan->hash))
			lu_progress_skip(&session->batch.progress);
		else if (!run_one(session, i, error))
			return false;
	}
	return true;
}

static int end(struct session *session, const GError *error)
{
	size_t done = json_array_size(session->record.rows);

	if (!g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_batch_fail(&session->batch, error);
	lu_progress_clear(&session->batch.progress);
	g_printerr("%s: interrupted after %zu of %u runs; go on with --resume\n", g_get_prgname(),
		   done, session->sweep->cases->len);
	return lu_signals_caught() ? LU_EXIT_SIGNAL + lu_signals_caught() : LU_EXIT_FAILED;
}

static int longest(const json_t *labels)
{
	size_t i, most = 0;
	json_t *label;

	json_array_foreach(labels, i, label) most = MAX(most, json_string_length(label));
	return (int)most;
}

static int run_session(struct session *session, const char *file, GError **error)
{
	const struct lu_sweep_options *options = session->options;
	json_t *row;
	size_t i;

	lu_batch_init(&session->batch, file, session->record.dir, session->sweep->cases->len,
		      options->quiet, options->offline);
	session->labels = lu_sweep_labels(session->sweep);
	session->width = longest(session->labels);
	json_array_foreach(session->record.rows, i, row) add_row_status(session, row);
	if (!run_all(session, error))
		session->batch.status = end(session, *error);
	json_decref(session->labels);
	lu_batch_clear(&session->batch);
	return session->batch.status;
}

int lu_sweep_run(const struct lu_sweep *sweep, const json_t *definition, const char *file,
		 const struct lu_sweep_options *options, char **dir)
{
	struct session session = {.sweep = sweep, .options = options};
	g_autoptr(GError) error = NULL;
	int status;

	if (lu_sweep_record_open(&session.record, sweep, definition, options->output,
				 options->resume, &error))
		status = run_session(&session, file, &error);
	else
		status = lu_cli_fail(error);
	*dir = status == LU_EXIT_USAGE ? NULL : g_strdup(session.record.dir);
	lu_sweep_record_close(&session.record);
	return status;
}
