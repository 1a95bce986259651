/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cold: what always works: stop the service, reboot through the firmware, start the service again.
 *
 * Mechanism: service.stop and a power cycle into the next release, then bring-up as after any boot.
 * Assumes: nothing; the state that the service holds in memory and its connections are lost, which
 * is the point of the baseline. The oracles on both are waived, with evidence. Ending the service
 * is therefore part of SWITCH: FREEZE only pauses it and can be undone.
 * Blackout: begins when the service is paused, ends when the new one listens and the
 * clients have reconnected.
 */
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "strategies/kit/running.h"

static bool stop_service(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.stop", NULL, NULL, error);
}

static bool power_cycle(struct lu_run *run, GError **error)
{
	return run->guest->ops->power_cycle(run->guest, LU_RELEASE_NEW, lu_run_left(run), error);
}

static bool start_service(struct lu_run *run, GError **error)
{
	return lu_bringup(run->guest, run->plan, run->deadline_ns, error);
}

static const struct lu_phase phases[] = {
	{LU_FREEZE, "pause the service", lu_service_hold, lu_service_go_on},
	{LU_SWITCH, "stop the service", stop_service},
	{LU_SWITCH, "power-cycle into the next release", power_cycle},
	{LU_RESTORE, "bring up devices and service", start_service},
	{LU_RESUME, "check that the service runs", lu_service_runs},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_cold = {
	.name = "cold",
	.summary = "firmware reboot, state lost: the baseline",
	.phases = phases,
	.updates = updates,
	.keeps_state = false,
	.repeats = true,
	.switches = true,
};
