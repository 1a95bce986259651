/* SPDX-License-Identifier: GPL-2.0-or-later */
/* local: this process runs the plans, one after another. */
#include "bench/exec/kit/execute.h"

static bool run(const struct lu_work *work, GError **error)
{
	bool enough = false;

	for (guint i = 0; !enough && i < work->plans->len; i++)
		if (!lu_execute_here(work, i, &enough, error))
			return false;
	return true;
}

const struct lu_executor lu_executor_local = {
	.name = "local",
	.summary = "in this process, one after another",
	.run = run,
};
