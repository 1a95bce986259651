/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel waits for a root device that never comes. */
#include "faults/kit/next.h"

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	needs->next_fault = LU_NEXT_HANGS;
}

const struct lu_fault lu_fault_next_hangs = {
	.name = "next-hangs",
	.summary = "the next kernel hangs while it boots (it waits for a root device)",
	.edges = lu_fault_next_edges,
	.check = lu_fault_next_takes_words,
	.needs = needs,
};
