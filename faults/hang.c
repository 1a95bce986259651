/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine stops and does not go on. */
#include "faults/kit/edges.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return run->guest->ops->sabotage(run->guest, "hang", error);
}

const struct lu_fault lu_fault_hang = {
	.name = "hang",
	.summary = "the guest stops answering",
	.ends_machine = true,
	.edges = lu_fault_throughout,
	.after = after,
};
