/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A power cut: the machine is gone from one instruction to the next (its QEMU is killed). */
#include "faults/kit/edges.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return run->guest->ops->sabotage(run->guest, "kill", error);
}

const struct lu_fault lu_fault_kill = {
	.name = "kill",
	.summary = "a power cut: the machine is gone (its QEMU is killed)",
	.ends_machine = true,
	.edges = lu_fault_throughout,
	.after = after,
};
