/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process 1 ends, which takes the kernel with it. */
#include "faults/kit/edges.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	if (lu_run_call(run, "die", NULL, NULL, error))
		return true;
	g_prefix_error(error, LU_FAULT_NOT_MADE);
	return false;
}

const struct lu_fault lu_fault_agent_dies = {
	.name = "agent-dies",
	.summary = "the guest's agent, which is its process 1, ends",
	.ends_machine = true,
	.edges = lu_fault_throughout,
	.after = after,
};
