/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of the checkpoint that is not there any more. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "store.damage", "remove", error);
}

const struct lu_fault lu_fault_store_remove = {
	.name = "store-remove",
	.summary = "a file with memory in the checkpoint store is gone",
	.edges = lu_fault_after_dump,
	.check = lu_fault_has_checkpoint,
	.after = after,
};
