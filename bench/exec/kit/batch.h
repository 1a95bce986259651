/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs plans by an executor, with shared signals, progress and exit status. */
#pragma once
#include "bench/exec/executor.h"
#include "bench/exec/kit/progress.h"

struct lu_batch {
	const struct lu_executor *executor;
	GCancellable *cancellable;
	struct lu_progress progress;
	bool offline;
	const char *capture; /* file of the one run's frames; borrowed; NULL: none */
	const char *name;    /* name of the scenario, for messages; borrowed */
	char *dir;	     /* folder of the results */
	int status;	     /* the worst so far: a failure over something unsupported over ok */
};

/* output: folder of the results, NULL: the user's runs. Sets the executor `local`. Signals are
 * watched from here on. */
void lu_batch_init(struct lu_batch *batch, const char *name, const char *output, unsigned runs,
		   bool quiet, bool offline);
void lu_batch_clear(struct lu_batch *batch);
/* Can results be written there? To be checked before the runs, not after them. LU_ERROR_USAGE. */
bool lu_batch_check_dir(const char *dir, GError **error);
void lu_batch_add_status(struct lu_batch *batch, int status);
/*
 * Have the executor run them (struct lu_plan). ended() is called for
 * each after the status has counted it and a message has said why if
 * it was not saved; false: begin no more. Errors are the executor's.
 */
bool lu_batch_run(struct lu_batch *batch, const GPtrArray *plans,
		  bool (*ended)(void *data, const struct lu_ended *run), void *data,
		  GError **error);
/* Print why lu_batch_run() did not run all; returns the exit status. */
int lu_batch_fail(struct lu_batch *batch, const GError *error);
/* The exit status of a batch that a signal or another cancellation has ended. */
int lu_batch_interrupted(void);
