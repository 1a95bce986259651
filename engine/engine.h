/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine runs one plan on one guest: boot, populate, baseline, trigger, phases,
 * settle, audit, judge. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "host/io.h"
#include "model/plan.h"
#include "model/result.h"
#include "record/timeline.h"
#include "model/guest.h"

/* Called from the engine's thread on progress: step is "boot", "populate", "baseline", a phase
 * kind, "settle", "audit"; elapsed_ns since the run began; replies so far. */
typedef void (*lu_progress_fn)(void *data, const char *step, int64_t elapsed_ns, uint64_t replies);

struct lu_engine_options {
	lu_progress_fn progress; /* may be NULL */
	void *progress_data;
	const struct lu_io *io; /* NULL: lu_io_host; with it goes the guest's clock */
};

/*
 * Runs the plan. Fills report (outcome, oracles, environment) and timeline (sorted on return).
 * Returns false with LU_ERROR_INTERRUPTED only when the run was cancelled: there is no result then.
 * Every other end is an outcome.
 */
bool lu_engine_run(const struct lu_plan *plan, struct lu_guest *guest, struct lu_timeline *timeline,
		   const struct lu_engine_options *options, struct lu_outcome_report *report,
		   GError **error);
