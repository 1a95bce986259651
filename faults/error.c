/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A failure that is reported without a cause. */
#include "faults/kit/edges.h"
#include "record/error.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "injected fault after '%s'", phase->name);
	return false;
}

const struct lu_fault lu_fault_error = {
	.name = "error",
	.summary = "the phase is carried out, then reported as failed",
	.edges = lu_fault_throughout,
	.after = after,
};
