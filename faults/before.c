/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A failure that is reported before anything has been done. */
#include "faults/kit/edges.h"
#include "record/error.h"

static bool before(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "injected fault before '%s'", phase->name);
	return false;
}

const struct lu_fault lu_fault_before = {
	.name = "before",
	.summary = "the phase is reported as failed before it has done anything",
	.edges = lu_fault_throughout,
	.before = before,
};
