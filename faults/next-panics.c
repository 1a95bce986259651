/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel finds no root file system, and panics. */
#include "faults/kit/next.h"

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	needs->next_fault = LU_NEXT_PANICS;
}

const struct lu_fault lu_fault_next_panics = {
	.name = "next-panics",
	.summary = "the next kernel panics while it boots (it finds no root file system)",
	.edges = lu_fault_next_edges,
	.check = lu_fault_next_takes_words,
	.needs = needs,
};
