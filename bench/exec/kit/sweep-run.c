/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a sweep. */
#include "bench/exec/kit/sweep-run.h"
#include <stdio.h>
#include "bench/exec/kit/batch.h"
#include "bench/cli.h"
#include "bench/exec/kit/sweep-alike.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/exec/kit/sweep-row.h"
#include "bench/report/display.h"
#include "bench/report/summary.h"
#include "bench/verb.h"
#include "record/error.h"

struct session {
	const struct lu_sweep *sweep;
	const struct lu_sweep_options *options;
	struct lu_sweep_record record;
	struct lu_batch batch;
	json_t *labels;
	int width;     /* of the longest label */
	GArray *cases; /* guint: index in the sweep of each plan given to the executor */
	GError *error; /* error on our side that ended it */
};

static const struct lu_sweep_case *case_of(const struct lu_sweep *sweep, guint i)
{
	return g_ptr_array_index(sweep->cases, i);
}

static void print_line(const struct session *session, guint i, const json_t *result)
{
	if (session->options->silent)
		return;
	g_autofree char *label = lu_display_pad(
		json_string_value(json_array_get(session->labels, i)), -session->width);

	printf("%4u  %s  ", i + 1, label);
	if (session->sweep->repeats > 1)
		printf("#%-3u ", case_of(session->sweep, i)->repeat + 1);
	lu_summary_short(stdout, result);
	fflush(stdout);
}

/* A run whose result could not be saved, which the batch says, does not count, and ends all. */
static bool record(struct session *session, const struct lu_sweep_case *one,
		   const struct lu_ended *run, GError **error)
{
	return run->path &&
	       lu_sweep_record_add(&session->record,
				   lu_sweep_row(one, run->result, run->path, run->took_us), error);
}

static bool keep(void *data, const struct lu_ended *run)
{
	struct session *session = data;
	guint i = g_array_index(session->cases, guint, run->index);

	print_line(session, i, run->result);
	return record(session, case_of(session->sweep, i), run, &session->error);
}

/* The same line as when it ran. */
static void add_row_status(struct session *session, const json_t *row)
{
	const char *outcome = lu_cli_get_str(row, "outcome");

	if (json_is_true(json_object_get(row, "good")))
		return;
	lu_batch_add_status(&session->batch, g_str_equal(outcome, lu_outcome_name(LU_UNSUPPORTED))
						     ? LU_EXIT_UNSUPPORTED
						     : LU_EXIT_FAILED);
}

/* Plans that the record does not have yet, and their cases. The plans are borrowed. */
static GPtrArray *left_to_run(struct session *session)
{
	GPtrArray *plans = g_ptr_array_new();

	for (guint i = 0; i < session->sweep->cases->len; i++) {
		struct lu_plan *plan = case_of(session->sweep, i)->plan;

		if (lu_sweep_record_has(&session->record, plan->hash)) {
			lu_progress_skip(&session->batch.progress);
			continue;
		}
		g_ptr_array_add(plans, plan);
		g_array_append_val(session->cases, i);
	}
	return plans;
}

static bool run_all(struct session *session, GError **error)
{
	g_autoptr(GPtrArray) plans = left_to_run(session);

	if (!lu_batch_run(&session->batch, plans, keep, session, error))
		return false;
	if (!session->error)
		return true;
	g_propagate_error(error, g_steal_pointer(&session->error));
	return false;
}

static int end(struct session *session, const GError *error)
{
	size_t done = json_array_size(session->record.rows);

	if (!g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_batch_fail(&session->batch, error);
	lu_progress_clear(&session->batch.progress);
	g_printerr("%s: interrupted after %zu of %u runs; continue with --resume\n",
		   g_get_prgname(), done, session->sweep->cases->len);
	return lu_batch_interrupted();
}

static int longest(const json_t *labels)
{
	json_t *label;
	int most = 0;
	size_t i;

	json_array_foreach(labels, i, label) most =
		MAX(most, lu_display_width(json_string_value(label)));
	return most;
}

static int run_session(struct session *session, const char *file, GError **error)
{
	const struct lu_sweep_options *options = session->options;
	json_t *row;
	size_t i;

	lu_batch_init(&session->batch, file, session->record.dir, session->sweep->cases->len,
		      options->quiet, options->offline);
	if (options->executor)
		session->batch.executor = options->executor;
	session->labels = lu_sweep_labels(session->sweep);
	session->width = longest(session->labels);
	if (options->resume)
		lu_sweep_heal(&session->record);
	bool ok = !options->resume || lu_sweep_adopt(&session->record, session->sweep, error);

	json_array_foreach(session->record.rows, i, row) add_row_status(session, row);
	if (!ok || !run_all(session, error))
		session->batch.status = end(session, *error);
	json_decref(session->labels);
	lu_batch_clear(&session->batch);
	return session->batch.status;
}

/* What was run elsewhere is gone on with only when that is meant, and then not in silence. */
static bool may_go_on(const struct session *session, GError **error)
{
	g_autofree char *difference = NULL;

	if (!session->options->resume)
		return true;
	difference = lu_sweep_unlike(&session->record, session->sweep);
	if (difference && session->options->mixed)
		g_printerr(
			"%s: %s: goes on with what differs in %s: rows of their own in a table\n",
			g_get_prgname(), session->record.dir, difference);
	if (!difference || session->options->mixed)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: its runs and this host and program differ in %s: they would be other rows "
		    "of a table; --mixed resumes it all the same",
		    session->record.dir, difference);
	return false;
}

int lu_sweep_run(const struct lu_sweep *sweep, const json_t *definition, const char *file,
		 const struct lu_sweep_options *options, char **dir)
{
	struct session session = {
		.sweep = sweep,
		.options = options,
		.cases = g_array_new(FALSE, FALSE, sizeof(guint)),
	};
	g_autoptr(GError) error = NULL;
	int status;

	if (lu_sweep_record_open(&session.record, sweep, definition, options->output,
				 options->resume, &error) &&
	    may_go_on(&session, &error))
		status = run_session(&session, file, &error);
	else
		status = lu_cli_fail(error);
	*dir = status == LU_EXIT_USAGE ? NULL : g_strdup(session.record.dir);
	lu_sweep_record_close(&session.record);
	g_array_unref(session.cases);
	return status;
}
