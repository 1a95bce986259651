/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: a plan in, a result and its timeline out. */
#pragma once
#include <gio/gio.h>
#include <jansson.h>
#include <stdbool.h>
#include "bench/exec/executor.h"
#include "bench/exec/kit/progress.h"
#include "model/plan.h"
#include "record/timeline.h"

struct lu_execution {
	GCancellable *cancellable;
	struct lu_progress *progress;
	bool offline;
	const char *capture; /* file for the guest's frames, or NULL */
};

/*
 * Make the plan's guest, run it, judge it. Every end gives a result but two: NULL with
 * LU_ERROR_INTERRUPTED when cancelled, and with LU_ERROR_USAGE when the plan is impossible. With a
 * result, *timeline is the run's, owned by the caller.
 */
json_t *lu_execute(const struct lu_plan *plan, const struct lu_execution *execution,
		   struct lu_timeline **timeline, GError **error);
/*
 * For an executor: run the i-th plan of the work in this process, save its result, call ended().
 * *enough is set when ended() returned false. Errors as above.
 */
bool lu_execute_here(const struct lu_work *work, guint i, bool *enough, GError **error);
