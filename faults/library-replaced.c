/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A package was updated in between: what the service had mapped is of another build. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "file.damage", "replaced", error);
}

const struct lu_fault lu_fault_library_replaced = {
	.name = "library-replaced",
	.summary = "a program or library that the service had mapped is of another build, of the "
		   "same size",
	.edges = lu_fault_before_restore,
	.check = lu_fault_can_restore,
	.after = after,
};
