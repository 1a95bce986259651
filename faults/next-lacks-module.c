/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next release is incomplete: a module that its network needs is not there. */
#include "faults/kit/next.h"

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	needs->next_fault = LU_NEXT_LACKS;
}

const struct lu_fault lu_fault_next_lacks_module = {
	.name = "next-lacks-module",
	.summary = "the next release lacks a module, that of its network card",
	.edges = lu_fault_next_edges,
	.check = lu_fault_next_has_net,
	.needs = needs,
};
