/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks a strategy's phase table: timestamps, deadlines, faults, and undo in reverse order when a
 * phase before SWITCH fails. */
#pragma once
#include "model/fault.h"
#include "model/plan.h"
#include "model/strategy.h"

struct lu_walk {
	const struct lu_phase *phases;
	int64_t phase_timeout_ns;
	const char *fault_phase;      /* NULL: none */
	const struct lu_fault *fault; /* NULL: none */
	/* Called at each phase's begin, may be NULL. */
	void (*entered)(void *data, const struct lu_phase *phase);
	void *data;
	/* Filled by lu_walk_phases when it fails: */
	const struct lu_phase *failed; /* the phase that did */
	bool undone;	  /* it and all phases before it were undone, without an error */
	char *undo_error; /* else what went wrong in the undo; NULL past the point of no return */
};

/*
 * true: all phases succeeded. false: error is the failed phase's; on LU_ERROR_INTERRUPTED nothing
 * is undone, since the whole guest is about to be ended.
 */
bool lu_walk_phases(struct lu_walk *walk, struct lu_run *run, GError **error);
void lu_walk_clear(struct lu_walk *walk);
