/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/injection.h"

static bool is_due(const struct lu_injection *injection, const struct lu_phase *phase)
{
	return injection->fault && !injection->done &&
	       g_str_equal(injection->phase, lu_phase_kind_name(phase->kind));
}

static void stamp(struct lu_injection *injection, struct lu_run *run, int64_t index)
{
	injection->done = true;
	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest), "engine", "fault", index,
			json_pack("{s:s}", "kind", injection->fault->name));
}

bool lu_inject_before(struct lu_injection *injection, struct lu_run *run,
		      const struct lu_phase *phase, int64_t index, GError **error)
{
	if (!is_due(injection, phase) || !injection->fault->before)
		return true;
	stamp(injection, run, index);
	return injection->fault->before(run, phase, error);
}

bool lu_inject_after(struct lu_injection *injection, struct lu_run *run,
		     const struct lu_phase *phase, int64_t index, GError **error)
{
	if (!is_due(injection, phase))
		return true;
	stamp(injection, run, index);
	return !injection->fault->after || injection->fault->after(run, phase, error);
}

void lu_inject_lift(struct lu_injection *injection, struct lu_run *run)
{
	if (injection->fault && injection->done && injection->fault->lift)
		injection->fault->lift(run);
}
