/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * null: upgrades nothing.
 *
 * Mechanism: walks every kind of phase and does nothing in any of them, so whatever a run of it
 * reports comes from the harness itself: the noise floor below which no figure of another
 * strategy means anything.
 * Assumes: nothing.
 * Blackout: none. A run that reports one has found a fault of the harness or of the host.
 *
 * With pause.c this is the commented example for a newcomer; docs/guide/add-a-strategy.md walks
 * through both.
 */
#include "model/strategy.h"

static const struct lu_param params[] = {
	{"prepare_ms", LU_PARAM_INT, "0", 0, 600000, NULL, "how long PREPARE lasts, ms"},
	{},
};

static bool nothing(struct lu_run *run, GError **error)
{
	return true;
}

/* A baseline for other strategies' preparations. */
static bool nothing_for_long(struct lu_run *run, GError **error)
{
	return lu_run_wait(run, lu_param_int(run->params, "prepare_ms") * 1000000, error);
}

/* A table of phases in the order of their kinds. The engine timestamps the beginning and end of
 * each; a kind may be left out or occur several times. Here every kind occurs once, so that the
 * measurement includes the cost of walking the whole table. */
static const struct lu_phase phases[] = {
	{LU_PREPARE, "prepare nothing", nothing_for_long},
	{LU_FREEZE, "leave the service alone", nothing},
	{LU_PRESERVE, "save nothing", nothing},
	{LU_SWITCH, "stay where we are", nothing},
	{LU_RESTORE, "bring nothing back", nothing},
	{LU_RESUME, "go on as before", nothing},
	{LU_FINISH, "free nothing", nothing},
	{},
};

static const char *const updates[] = {"kernel", NULL};

/* The symbol is lu_strategy_<file stem>; CMake finds the file and puts it into the registry. */
const struct lu_strategy lu_strategy_null = {
	.name = "null",
	.summary = "does nothing: the noise floor of every measurement",
	.params = params,
	.several = lu_params_none,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = false, /* the oracle on versions expects to see no change */
};
