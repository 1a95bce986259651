/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRIU cannot restore: the process ID that the service had is somebody else's. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "pid.take", "", error);
}

const struct lu_fault lu_fault_restore_fails = {
	.name = "restore-fails",
	.summary = "CRIU cannot restore the service, whose process ID is taken there",
	.edges = lu_fault_before_restore,
	.check = lu_fault_can_restore,
	.after = after,
};
