/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A write of the checkpoint's memory that never reached the medium. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "store.damage", "truncate", error);
}

const struct lu_fault lu_fault_store_truncate = {
	.name = "store-truncate",
	.summary = "half of a file with memory in the checkpoint store is gone",
	.edges = lu_fault_after_dump,
	.check = lu_fault_has_checkpoint,
	.after = after,
};
