/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that the service had open or mapped is longer where it is restored. */
#include "faults/kit/checkpoint.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "file.damage", "grown", error);
}

const struct lu_fault lu_fault_file_grown = {
	.name = "file-grown",
	.summary = "a file that the service had open or mapped has a page more",
	.edges = lu_fault_before_restore,
	.check = lu_fault_can_restore,
	.after = after,
};
