/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel gives up, by its own crash key. */
#include "faults/kit/edges.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return run->guest->ops->sabotage(run->guest, "panic", error);
}

const struct lu_fault lu_fault_panic = {
	.name = "panic",
	.summary = "the guest's kernel panics; the next step must notice",
	.ends_machine = true,
	.edges = lu_fault_throughout,
	.after = after,
};
