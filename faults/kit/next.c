/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/kit/next.h"
#include "model/machine.h"
#include "record/error.h"

const char *const lu_fault_next_edges[] = {"PREPARE", "SWITCH", NULL};

static bool wrong(const struct lu_plan *plan, const char *why, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "fault.kind: %s: strategy %s %s",
		    plan->fault_kind, plan->strategy->name, why);
	return false;
}

/* A second machine that boots has a network of its own to be copied over. */
static bool boots_next(const struct lu_plan *plan, GError **error)
{
	const char *where = plan->needs->replication ? "PREPARE" : "SWITCH";

	if (!plan->strategy->switches || !g_str_equal(plan->update_kind, "kernel"))
		return wrong(plan, "boots no next kernel", error);
	if (plan->needs->memory_image.wanted)
		return wrong(plan, "has its next kernel booted long before", error);
	if (g_str_equal(plan->fault_phase, where))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "fault.phase: strategy %s boots the next kernel in %s, and %s happens there",
		    plan->strategy->name, where, plan->fault_kind);
	return false;
}

bool lu_fault_next_takes_words(const struct lu_plan *plan, GError **error)
{
	return boots_next(plan, error) &&
	       (!plan->needs->init_script ||
		wrong(plan, "makes the next kernel's command line by its own script", error));
}

bool lu_fault_next_has_net(const struct lu_plan *plan, GError **error)
{
	return boots_next(plan, error) &&
	       (json_array_size(json_object_get(plan->machine->features, "net")) ||
		wrong(plan, "needs no module for the network on this machine", error)) &&
	       (!plan->needs->next_boot.most_modules ||
		wrong(plan, "brings the drivers of any machine", error));
}
