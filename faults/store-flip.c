/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One bit of the checkpoint's memory is another: a fault of the medium, or of memory. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "store.damage", "flip", error);
}

const struct lu_fault lu_fault_store_flip = {
	.name = "store-flip",
	.summary = "one bit of the memory in the checkpoint store is another; which, the run's "
		   "seed chooses",
	.edges = lu_fault_after_dump,
	.check = lu_fault_has_checkpoint,
	.after = after,
};
