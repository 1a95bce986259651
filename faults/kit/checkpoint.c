/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/kit/checkpoint.h"
#include "record/error.h"

const char *const lu_fault_before_dump[] = {"PREPARE", "FREEZE", NULL};
const char *const lu_fault_after_dump[] = {"PRESERVE", NULL};
const char *const lu_fault_before_restore[] = {"PRESERVE", "RESTORE", NULL};

bool lu_fault_has_checkpoint(const struct lu_plan *plan, GError **error)
{
	if (plan->needs->store || plan->needs->replication)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "fault.kind: %s breaks a checkpoint, and strategy %s makes none",
		    plan->fault_kind, plan->strategy->name);
	return false;
}

/* Files and process IDs are those of the kernel that restores: the standby's, or the next one's. */
bool lu_fault_can_restore(const struct lu_plan *plan, GError **error)
{
	const char *where = plan->needs->replication ? "PRESERVE" : "RESTORE";

	if (!lu_fault_has_checkpoint(plan, error))
		return false;
	if (g_str_equal(plan->fault_phase, where))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "fault.phase: strategy %s restores after its first phase of kind %s, and %s "
		    "happens there",
		    plan->strategy->name, where, plan->fault_kind);
	return false;
}

/* Replicated, it is the standby's until that has become the guest. */
static bool is_elsewhere(const struct lu_run *run, const struct lu_phase *phase)
{
	return run->plan->needs->replication && phase->kind < LU_SWITCH;
}

bool lu_fault_break(struct lu_run *run, const struct lu_phase *phase, const char *verb,
		    const char *how, GError **error)
{
	json_t *args = json_pack("{s:s, s:I}", "how", how, "seed",
				 (json_int_t)(run->plan->seed & G_MAXINT32));
	json_auto_t *reply = NULL;
	bool ok = is_elsewhere(run, phase) ? lu_run_call_standby(run, verb, args, &reply, error)
					   : lu_run_call(run, verb, args, &reply, error);

	if (!ok)
		g_prefix_error(error, LU_FAULT_NOT_MADE);
	else
		lu_run_note(run, "fault", json_string_value(json_object_get(reply, "what")));
	return ok;
}
