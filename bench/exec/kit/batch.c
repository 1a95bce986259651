/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running plans by an executor. */
#include "bench/exec/kit/batch.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include "bench/cli.h"
#include "bench/exec/kit/signals.h"
#include "bench/verb.h"
#include "record/error.h"

void lu_batch_init(struct lu_batch *batch, const char *name, const char *output, unsigned runs,
		   bool quiet, bool offline)
{
	*batch = (struct lu_batch){
		.executor = lu_executor_find("local", NULL),
		.cancellable = g_cancellable_new(),
		.offline = offline,
		.name = name,
		.dir = output ? g_strdup(output) : lu_cli_runs_dir(),
	};
	lu_progress_init(&batch->progress, quiet, runs);
	lu_signals_watch(batch->cancellable);
}

void lu_batch_clear(struct lu_batch *batch)
{
	g_clear_object(&batch->cancellable);
	g_clear_pointer(&batch->dir, g_free);
}

bool lu_batch_check_dir(const char *dir, GError **error)
{
	if (g_mkdir_with_parents(dir, 0755) == 0 && g_access(dir, W_OK) == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: cannot write results there: %s; choose another with --output DIR", dir,
		    g_strerror(errno));
	return false;
}

void lu_batch_add_status(struct lu_batch *batch, int status)
{
	if (status == LU_EXIT_FAILED || batch->status == LU_EXIT_OK)
		batch->status = status;
}

/* The caller's callback, while an executor runs. */
struct call {
	struct lu_batch *batch;
	bool (*ended)(void *data, const struct lu_ended *run);
	void *data;
};

static bool on_ended(void *data, const struct lu_ended *run)
{
	struct call *call = data;

	if (!run->path)
		lu_batch_add_status(call->batch, lu_cli_fail(run->why));
	lu_progress_clear(&call->batch->progress);
	lu_batch_add_status(call->batch, lu_cli_result_status(run->result));
	return call->ended(call->data, run);
}

bool lu_batch_run(struct lu_batch *batch, const GPtrArray *plans,
		  bool (*ended)(void *data, const struct lu_ended *run), void *data, GError **error)
{
	struct call call = {batch, ended, data};
	const struct lu_work work = {
		.plans = plans,
		.dir = batch->dir,
		.offline = batch->offline,
		.capture = batch->capture,
		.cancellable = batch->cancellable,
		.progress = &batch->progress,
		.ended = on_ended,
		.data = &call,
	};

	if (batch->executor->run(&work, error))
		return true;
	if (g_error_matches(*error, LU_ERROR, LU_ERROR_USAGE))
		g_prefix_error(error, "%s: ", batch->name);
	return false;
}

int lu_batch_interrupted(void)
{
	return lu_signals_caught() ? LU_EXIT_SIGNAL + lu_signals_caught() : LU_EXIT_FAILED;
}

int lu_batch_fail(struct lu_batch *batch, const GError *error)
{
	lu_progress_clear(&batch->progress);
	if (!g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_cli_fail(error);
	g_printerr("%s: interrupted, no result\n", g_get_prgname());
	return lu_batch_interrupted();
}
