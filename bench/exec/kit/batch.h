/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans given to an executor: signals, progress and the exit status that they share. */
#pragma once
#include "bench/exec/executor.h"
#include "bench/exec/kit/progress.h"

struct lu_batch {
	const struct lu_executor *executor;
	GCancellable *cancellable;
	struct lu_progress progress;
	bool offline;
	const char *name; /* of the scenario, for messages; borrowed */
	char *dir;	  /* where results go */
	int status;	  /* the worst so far: a failure over something unsupported over ok */
};

/* output NULL: the user's runs. The executor is `local`. Signals are watched from here on. */
void lu_batch_init(struct lu_batch *batch, const char *name, const char *output, unsigned runs,
		   bool quiet, bool offline);
void lu_batch_clear(struct lu_batch *batch);
/* Can results be written there? Found out before the runs, not after them. LU_ERROR_USAGE. */
bool lu_batch_check_dir(const char *dir, GError **error);
void lu_batch_add_status(struct lu_batch *batch, int status);
/*
 * Have the executor run them (struct lu_plan): ended() is told of each when the status counts it
 * and, had it not been saved, a message has said why; false: enough. Errors are the executor's.
 */
bool lu_batch_run(struct lu_batch *batch, const GPtrArray *plans,
		  bool (*ended)(void *data, const struct lu_ended *run), void *data,
		  GError **error);
/* Say why lu_batch_run() did not run all; the exit status. */
int lu_batch_fail(struct lu_batch *batch, const GError *error);
/* The exit status of a batch that a signal, or whatever cancelled it, has ended. */
int lu_batch_interrupted(void);
