/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pause: stops the whole machine for an exact, known time and resumes it.
 *
 * Mechanism: the guest's stop and cont (QMP on a real one), with the wait on the guest's
 * own clock between them.
 * Assumes: nothing of the guest's software, which does not notice.
 * Blackout: begins when stop returns, ends when cont returns. It is known beforehand, so a run of
 * this strategy calibrates the whole measurement chain: client, timeline, metrics.
 */
#include "model/strategy.h"

/* Every parameter is declared here with default, range and unit; the engine
 * passes checked values. */
static const struct lu_param params[] = {
	{"ms", LU_PARAM_INT, "500", 0, 600000, NULL, "how long the machine is paused, ms"},
	{},
};

static bool stop(struct lu_run *run, GError **error)
{
	return run->guest->ops->stop(run->guest, error);
}

/* The undo of FREEZE too: continuing a machine that was never stopped is harmless, and an undo must
 * allow for that, because it is also called for the phase that failed. */
static bool cont(struct lu_run *run, GError **error)
{
	return run->guest->ops->cont(run->guest, error);
}

/* A strategy never sleeps or reads a clock: it asks the guest, whose clock may be virtual. */
static bool stand_still(struct lu_run *run, GError **error)
{
	return lu_run_wait(run, lu_param_int(run->params, "ms") * 1000000, error);
}

static const struct lu_phase phases[] = {
	{LU_FREEZE, "stop the machine", stop, cont},
	{LU_PRESERVE, "keep it paused", stand_still},
	{LU_RESUME, "continue the machine", cont},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_pause = {
	.name = "pause",
	.summary = "stops the machine for an exact time: calibrates the measurement chain",
	.params = params,
	.several = lu_params_none,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = false,
};
