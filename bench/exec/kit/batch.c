/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans run one after another. */
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
		.execution = {g_cancellable_new(), &batch->progress, offline},
		.name = name,
		.dir = output ? g_strdup(output) : lu_cli_runs_dir(),
	};
	lu_progress_init(&batch->progress, quiet, runs);
	lu_signals_watch(batch->execution.cancellable);
}

void lu_batch_clear(struct lu_batch *batch)
{
	g_clear_object(&batch->execution.cancellable);
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

static char *save(struct lu_batch *batch, const json_t *result, const struct lu_timeline *timeline)
{
	g_autoptr(GError) error = NULL;
	char *path = lu_result_save(result, timeline, batch->dir, &error);

	if (!path)
		lu_batch_add_status(batch, lu_cli_fail(error));
	return path;
}

json_t *lu_batch_run(struct lu_batch *batch, const struct lu_plan *plan,
		     struct lu_timeline **timeline, char **path, GError **error)
{
	struct lu_timeline *events = NULL;

	lu_progress_next(&batch->progress);
	json_t *result = lu_execute(plan, &batch->execution, &events, error);

	if (!result) {
		if (g_error_matches(*error, LU_ERROR, LU_ERROR_USAGE))
			g_prefix_error(error, "%s: ", batch->name);
		return NULL;
	}
	g_autofree char *saved = save(batch, result, events);

	lu_progress_clear(&batch->progress);
	lu_batch_add_status(batch, lu_cli_result_status(result));
	if (timeline)
		*timeline = g_steal_pointer(&events);
	if (path)
		*path = g_steal_pointer(&saved);
	g_clear_pointer(&events, lu_timeline_free);
	return result;
}

int lu_batch_fail(struct lu_batch *batch, const GError *error)
{
	lu_progress_clear(&batch->progress);
	if (!g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED))
		return lu_cli_fail(error);
	g_printerr("%s: interrupted, no result\n", g_get_prgname());
	return lu_signals_caught() ? LU_EXIT_SIGNAL + lu_signals_caught() : LU_EXIT_FAILED;
}
