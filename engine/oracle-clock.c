/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle on the clocks of the service: CLOCK_MONOTONIC and CLOCK_BOOTTIME never go back for a
 * process that an upgrade carries over (clock_gettime(2) promises it). That they fall behind while it
 * is paused, so that timers are late, and how wrong the time of day is, is no failure: it is said in
 * figures.
 */
#include "engine/oracle.h"
#include "model/verdicts.h"
#include "record/duration.h"
#include "record/service-clock.h"

/* Caller frees. */
static char *course(const char *clock, int64_t late_ns, int64_t back_ns)
{
	g_autofree char *late = lu_duration_text(ABS(late_ns));
	g_autofree char *back = lu_duration_text(back_ns);

	if (back_ns)
		return g_strdup_printf("%s went back by at least %s", clock, back);
	return g_strdup_printf("%s %s %s", clock,
			       late_ns < 0 ? "jumped ahead by" : "fell behind by", late);
}

/* Caller frees. */
static char *realtime(const struct lu_service_clock *clock)
{
	g_autofree char *error = lu_duration_text(ABS(clock->realtime_error_ns));
	g_autofree char *step = lu_duration_text(ABS(clock->realtime_step_ns));

	if (!clock->realtime)
		return g_strdup("");
	return g_strdup_printf("; CLOCK_REALTIME %s %s the host's, %s %s than before", error,
			       clock->realtime_error_ns < 0 ? "behind" : "ahead of", step,
			       clock->realtime_step_ns < 0 ? "less" : "more");
}

static char *evidence_of(const struct lu_service_clock *clock)
{
	g_autofree char *monotonic = course("CLOCK_MONOTONIC", clock->late_ns, clock->back_ns);
	g_autofree char *boottime =
		course("CLOCK_BOOTTIME", clock->boottime_late_ns, clock->boottime_back_ns);
	g_autofree char *within = lu_duration_text(clock->within_ns);
	g_autofree char *paused = lu_duration_text(clock->paused_ns);
	g_autofree char *day = realtime(clock);

	return g_strdup_printf(
		"%s, %s (± %s), the service was paused for at most %s%s; it is in %s "
		"time namespace%s",
		monotonic, boottime, within, paused, day, clock->own_after ? "a" : "no",
		clock->own_after ? "" : " of its own");
}

/* A service that nobody could ask after it was asked before has no clocks to speak of. */
static void judge_unknown(const struct lu_finished_run *finished, json_t *oracles)
{
	bool before = lu_timeline_find(finished->timeline, "guest", "clock", 0) != NULL;
	bool bad = before && finished->whole && finished->connected;
	g_autofree char *evidence =
		g_strdup_printf("not read %s the upgrade: %s", before ? "after" : "before",
				finished->clock_error ?: "the run ended");

	lu_verdicts_add(oracles, "clock", bad ? LU_FAIL : LU_WAIVED, evidence);
}

void lu_oracle_clock(const struct lu_finished_run *finished, json_t *oracles)
{
	const struct lu_service_clock clock = lu_service_clock_find(finished->timeline);
	enum lu_verdict bad = finished->connected ? LU_FAIL : LU_WAIVED;
	g_autofree char *evidence = NULL;

	if (!clock.known) {
		judge_unknown(finished, oracles);
		return;
	}
	if (g_str_equal(finished->plan->accel, "icount")) {
		lu_verdicts_add(oracles, "clock", LU_WAIVED,
				"not judged: with accel=icount the guest's clocks count "
				"instructions");
		return;
	}
	evidence = evidence_of(&clock);
	lu_verdicts_add(oracles, "clock", clock.back_ns || clock.boottime_back_ns ? bad : LU_PASS,
			evidence);
}
