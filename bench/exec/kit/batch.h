/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans run one after another: signals, progress, storage and the exit status that they share. */
#pragma once
#include "bench/exec/kit/execute.h"

struct lu_batch {
	struct lu_execution execution;
	struct lu_progress progress;
	const char *name; /* of the scenario, for messages; borrowed */
	char *dir;	  /* where results go */
	int status;	  /* the worst so far: a failure over something unsupported over ok */
};

/* output NULL: the user's runs. Signals are watched from here on. */
void lu_batch_init(struct lu_batch *batch, const char *name, const char *output, unsigned runs,
		   bool quiet, bool offline);
void lu_batch_clear(struct lu_batch *batch);
/* Can results be written there? Found out before the runs, not after them. LU_ERROR_USAGE. */
bool lu_batch_check_dir(const char *dir, GError **error);
void lu_batch_add_status(struct lu_batch *batch, int status);
/*
 * Run and save it. NULL as lu_execute() says. *timeline is the caller's; *path of the saved result
 * (NULL with a message and a status when it could not be saved) too. Either may be NULL.
 */
json_t *lu_batch_run(struct lu_batch *batch, const struct lu_plan *plan,
		     struct lu_timeline **timeline, char **path, GError **error);
/* Say why lu_batch_run() gave nothing; the exit status. */
int lu_batch_fail(struct lu_batch *batch, const GError *error);
