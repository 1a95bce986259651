/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart: what always works with an application: stop it, start its new version.
 *
 * Mechanism: the old version saves its state to a file and ends (SIGTERM), the new one reads the
 * file, transforms it and listens.
 * Assumes: a program that saves its state when it is asked to end; connections are lost, which is
 * the point of the baseline, so the oracles on them are waived. The end of the old version is
 * therefore part of SWITCH.
 * Blackout: begins when the old version is asked to end, ends when the new one listens and the
 * clients have reconnected.
 */
#include "model/bringup.h"
#include "model/strategy.h"

static bool stop(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.stop", json_pack("{s:b}", "save", 1), NULL, error);
}

static bool start(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_bringup_version(run->guest, run->plan, !run->back, run->deadline_ns, &reply, error))
		return false;
	lu_run_claims(run, "service", reply);
	lu_run_app(run, lu_plan_app(run->plan, !run->back));
	return true;
}

static const struct lu_phase phases[] = {
	{LU_SWITCH, "stop the old version, which saves its state", stop},
	{LU_RESUME, "start the new version from that state", start},
	{},
};

static bool check(const struct lu_plan *plan, GError **error)
{
	return lu_plan_app_known(plan, error);
}

static const char *const updates[] = {"app", NULL};

const struct lu_strategy lu_strategy_restart = {
	.name = "restart",
	.summary = "the old version saves its state and ends, the new one starts from it: the "
		   "baseline",
	.phases = phases,
	.updates = updates,
	.keeps_state = false,
	.repeats = true,
	.switches = true,
	.check = check,
};
