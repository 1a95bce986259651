/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checkpoint store has no room left. */
#include "faults/kit/checkpoint.h"
#include "record/error.h"

/* Its first phase of that kind has to have opened it. */
static bool check(const struct lu_plan *plan, GError **error)
{
	bool later = plan->needs->replication || plan->needs->memory_image.wanted;

	if (!lu_fault_has_checkpoint(plan, error))
		return false;
	if (!later || !g_str_equal(plan->fault_phase, lu_phase_kind_name(LU_PREPARE)))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "fault.phase: strategy %s has no store yet after its first phase of kind "
		    "PREPARE; allowed: FREEZE",
		    plan->strategy->name);
	return false;
}

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	return lu_fault_break(run, phase, "store.damage", "full", error);
}

const struct lu_fault lu_fault_store_full = {
	.name = "store-full",
	.summary = "nothing can be written into the checkpoint store any more",
	.edges = lu_fault_before_dump,
	.check = check,
	.after = after,
};
