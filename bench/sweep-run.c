/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a sweep. */
#include "bench/sweep-run.h"
#include <stdio.h>
#include "bench/batch.h"
#include "bench/cli.h"
#include "bench/label.h"
#include "bench/signals.h"
#include "bench/sweep-record.h"
#include "bench/summary.h"
#include "bench/verb.h"
#include "core/error.h"

struct session {
	const struct lu_sweep *sweep;
	const struct lu_sweep_options *options;
	struct lu_sweep_record record;
	struct lu_batch batch;
	json_t *labels;
	int width; /* of the longest */
};

/* A refused one says what it was to be; the workload is the default's. */
static json_t *plan_doc(const struct lu_sweep_case *one)
{
	if (one->plan)
		return json_incref(one->plan->doc);
	json_t *doc = json_deep_copy(one->scenario);

	if (!json_object_get(doc, "workload"))
		json_object_set_new(doc, "workload", json_string("tick"));
	return doc;
}

json_t *lu_sweep_labels(const struct lu_sweep *sweep)
{
	json_t *plans = json_array(), *names = json_array(), *plan;
	size_t i;

	for (guint k = 0; k < sweep->cases->len; k++)
		json_array_append_new(plans, plan_doc(g_ptr_array_index(sweep->cases, k)));
	struct lu_labels *labels = lu_labels_new(plans);

	json_array_foreach(plans, i, plan)
	{
		g_autofree char *name = lu_label(labels, plan, LU_LABEL_ALL);

		json_array_append_new(names, json_string(name));
	}
	lu_labels_free(labels);
	json_decref(plans);
	return names;
}

static json_t *row_of(const struct lu_sweep_case *one, const char *outcome, const json_t *reason,
		      bool good)
{
	return json_pack("{s:s, s:s, s:I, s:i, s:s, s:O?, s:b}", "type", "row", "hash", one->hash,
			 "seed", (json_int_t)(one->plan ? one->plan->seed : 0), "repeat",
			 (int)one->repeat, "outcome", outcome, "reason", reason, "good", good);
}

static void print_line(const struct session *session, guint i, const json_t *row,
		       const json_t *result)
{
	const struct lu_sweep_case *one = g_ptr_array_index(session->sweep->cases, i);

	if (session->options->silent)
		return;
	printf("%4u  %-*s  ", i + 1, session->width,
	       json_string_value(json_array_get(session->labels, i)));
	if (session->sweep->repeats > 1)
		printf("#%-3u ", one->repeat + 1);
	if (result)
		lu_summary_short(stdout, result);
	else
		printf("%-11s %s\n", lu_cli_get_str(row, "outcome"), lu_cli_get_str(row, "reason"));
	fflush(stdout);
}

static bool refuse(struct session *session, guint i, GError **error)
{
	const struct lu_sweep_case *one = g_ptr_array_index(session->sweep->cases, i);
	json_t *reason = json_string(one->refusal);
	json_t *row = row_of(one, lu_outcome_name(LU_REFUSED), reason, false);

	json_object_set_new(row, "plan", plan_doc(one));
	json_decref(reason);
	lu_progress_skip(&session->batch.progress);
	lu_progress_clear(&session->batch.progress);
	lu_batch_add_status(&session->batch, LU_EXIT_FAILED);
	print_line(session, i, row, NULL);
	return lu_sweep_record_add(&session->record, row, error);
}

static bool run_one(struct session *session, guint i, GError **error)
{
	const struct lu_sweep_case *one = g_ptr_array_index(session->sweep->cases, i);
	g_autofree char *path = NULL;
	int64_t begin_us = g_get_monotonic_time();
	json_t *result = lu_batch_run(&session->batch, one->plan, NULL, &path, error);

	if (!result)
		return false;
	json_t *row = row_of(one, lu_cli_get_str(result, "outcome"),
			     json_object_get(result, "reason"), lu_result_good(result));
	g_autofree char *file = path ? g_path_get_basename(path) : NULL;

	json_object_set_new(row, "seconds",
			    json_real((double)(g_get_monotonic_time() - begin_us) / 1e6));
	json_object_set_new(row, "file", file ? json_string(file) : json_null());
	print_line(session, i, row, result);
	json_decref(result);
	/* What could not be saved has not been run. */
	if (file)
		return lu_sweep_record_add(&session->record, row, error);
	json_decref(row);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: cannot save a result",
		    session->record.dir);
	return false;
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
	const GPtrArray *cases = session->sweep->cases;

	for (guint i = 0; i < cases->len; i++) {
		const struct lu_sweep_case *one = g_ptr_array_index(cases, i);

		if (lu_sweep_record_has(&session->record, one->hash))
			lu_progress_skip(&session->batch.progress);
		else if (!(one->plan ? run_one(session, i, error) : refuse(session, i, error)))
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
