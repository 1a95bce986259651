/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault injection: either a failure is reported without a cause, or something is broken that the
 * next step must notice. */
#include "record/error.h"
#include "engine/fault.h"

static bool is_due(const struct lu_fault *fault, const struct lu_phase *phase)
{
	return fault->phase && !fault->done &&
	       g_str_equal(fault->phase, lu_phase_kind_name(phase->kind));
}

static void stamp(struct lu_fault *fault, struct lu_run *run, int64_t index)
{
	fault->done = true;
	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest), "engine", "fault", index,
			json_pack("{s:s}", "kind", fault->kind));
}

bool lu_fault_before(struct lu_fault *fault, struct lu_run *run, const struct lu_phase *phase,
		     int64_t index, GError **error)
{
	if (!is_due(fault, phase) || !g_str_equal(fault->kind, "before"))
		return true;
	stamp(fault, run, index);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "injected fault before '%s'", phase->name);
	return false;
}

bool lu_fault_after(struct lu_fault *fault, struct lu_run *run, const struct lu_phase *phase,
		    int64_t index, GError **error)
{
	if (!is_due(fault, phase))
		return true;
	stamp(fault, run, index);
	if (!g_str_equal(fault->kind, "error"))
		return run->guest->ops->sabotage(run->guest, fault->kind, error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "injected fault after '%s'", phase->name);
	return false;
}
