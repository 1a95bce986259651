/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a strategy's phases. */
#include <inttypes.h>
#include "record/error.h"
#include "engine/injection.h"
#include "engine/phases.h"

static int64_t now(struct lu_run *run)
{
	return run->guest->ops->now(run->guest);
}

static void stamp_begin(struct lu_run *run, const char *kind, const struct lu_phase *phase,
			int64_t index)
{
	lu_timeline_add(run->timeline, now(run), "engine", kind, index,
			json_pack("{s:s, s:s}", "kind", lu_phase_kind_name(phase->kind), "name",
				  phase->name));
}

static void stamp_end(struct lu_run *run, const char *kind, const struct lu_phase *phase,
		      int64_t index, const GError *error)
{
	json_t *value = json_pack("{s:s, s:s, s:b}", "kind", lu_phase_kind_name(phase->kind),
				  "name", phase->name, "ok", error == NULL);

	if (error)
		json_object_set_new(value, "error", json_string(error->message));
	lu_timeline_add(run->timeline, now(run), "engine", kind, index, value);
}

/* A body that returned late did so without asking the guest, whose calls all
 * end by the deadline. */
static bool in_time(struct lu_run *run, const struct lu_phase *phase, int64_t timeout_ns,
		    GError **error)
{
	if (now(run) <= run->deadline_ns)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "'%s' took longer than %" PRId64 " ms",
		    phase->name, timeout_ns / 1000000);
	return false;
}

static bool run_phase(struct lu_walk *walk, struct lu_injection *injection, struct lu_run *run,
		      int64_t index, GError **error)
{
	const struct lu_phase *phase = &walk->phases[index];
	GError *why = NULL;
	bool ok;

	run->deadline_ns = now(run) + walk->phase_timeout_ns;
	stamp_begin(run, "phase-begin", phase, index);
	ok = lu_inject_before(injection, run, phase, index, &why) &&
	     (!phase->run || phase->run(run, &why)) &&
	     in_time(run, phase, walk->phase_timeout_ns, &why) &&
	     lu_inject_after(injection, run, phase, index, &why);
	if (!ok && !why)
		g_set_error(&why, LU_ERROR, LU_ERROR_FAILED, "'%s' failed without a reason",
			    phase->name);
	stamp_end(run, "phase-end", phase, index, why);
	if (why)
		g_propagate_error(error, why);
	return ok;
}

static bool undo_phase(struct lu_walk *walk, struct lu_run *run, int64_t index)
{
	const struct lu_phase *phase = &walk->phases[index];
	g_autoptr(GError) why = NULL;

	if (!phase->undo)
		return true;
	run->deadline_ns = now(run) + walk->phase_timeout_ns;
	stamp_begin(run, "undo-begin", phase, index);
	phase->undo(run, &why);
	stamp_end(run, "undo-end", phase, index, why);
	if (why && !walk->undo_error)
		walk->undo_error = g_strdup_printf("undoing '%s': %s", phase->name, why->message);
	return !why;
}

/* Each undo is attempted even when an earlier one failed: a partial rollback
 * is better than none. */
static void undo_from(struct lu_walk *walk, struct lu_run *run, int64_t index)
{
	walk->undone = true;
	for (; index >= 0; index--) {
		if (!undo_phase(walk, run, index))
			walk->undone = false;
	}
}

bool lu_walk_phases(struct lu_walk *walk, struct lu_run *run, GError **error)
{
	struct lu_injection injection = {.phase = walk->fault_phase, .fault = walk->fault};

	for (int64_t i = 0; walk->phases[i].name; i++) {
		const struct lu_phase *phase = &walk->phases[i];
		GError *why = NULL;

		if (walk->entered)
			walk->entered(walk->data, phase);
		if (run_phase(walk, &injection, run, i, &why))
			continue;
		walk->failed = phase;
		lu_inject_lift(&injection, run);
		if (phase->kind < LU_SWITCH &&
		    !g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED))
			undo_from(walk, run, i);
		g_propagate_error(error, why);
		return false;
	}
	lu_inject_lift(&injection, run);
	return true;
}

void lu_walk_clear(struct lu_walk *walk)
{
	g_clear_pointer(&walk->undo_error, g_free);
}
