/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standby: the new version of the application starts beside the old one, on the same kernel, and
 * takes over its state and its sockets.
 *
 * Mechanism: the handover of docs/reference/handover-protocol.md. PREPARE starts the new version
 * and pre-copies state to it in rounds while the old one answers; FREEZE pauses the old one between
 * two requests; PRESERVE sends what was written since, and the listening and established sockets
 * (SCM_RIGHTS); SWITCH lets the new one serve, once the checksum of the transformed state matches.
 * Assumes: a program that supports handover (others are refused), and memory for its state twice.
 * Blackout: begins when the old version is paused, ends when the new one serves, within SWITCH.
 * What clients send meanwhile waits in their sockets.
 */
#include <inttypes.h>
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "model/workload.h"

static const struct lu_param params[] = {
	{"rounds", LU_PARAM_INT, "4", 0, 64, NULL,
	 "maximum number of pre-copy rounds; 0: copy all state with the old version paused"},
	{},
};

static bool step(struct lu_run *run, const char *verb, json_t *args, json_t **reply, GError **error)
{
	json_auto_t *figures = NULL;

	if (!lu_run_call(run, verb, args, &figures, error))
		return false;
	lu_run_claims(run, "handover", figures);
	if (reply)
		*reply = json_incref(figures);
	return true;
}

static bool begin(struct lu_run *run, GError **error)
{
	json_t *args = json_pack("{s:o}", "argv", lu_bringup_argv(run->plan, !run->back));

	return step(run, "handover.begin", args, NULL, error);
}

static bool drop(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "handover.abort", NULL, NULL, error);
}

static bool copy(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *args =
		json_pack("{s:I}", "rounds", (json_int_t)lu_param_int(run->params, "rounds"));

	if (!step(run, "handover.copy", args, &reply, error))
		return false;
	g_autofree char *text = g_strdup_printf(
		"%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(reply, "rounds")));

	lu_run_note(run, "handover.rounds", text);
	return true;
}

static bool stand_still(struct lu_run *run, GError **error)
{
	return step(run, "handover.stand", NULL, NULL, error);
}

static bool send_rest(struct lu_run *run, GError **error)
{
	return step(run, "handover.rest", NULL, NULL, error);
}

/* The version is the one that it reports itself, not the one that was asked for. */
static bool take_over(struct lu_run *run, GError **error)
{
	const char *const *versions = run->plan->workload->versions;
	json_auto_t *reply = NULL;
	json_int_t number;

	if (!step(run, "handover.take", NULL, &reply, error))
		return false;
	number = json_integer_value(json_object_get(reply, "version"));
	if (number < 1 || number > (json_int_t)g_strv_length((char **)versions)) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "the new version reports itself as %" JSON_INTEGER_FORMAT, number);
		return false;
	}
	lu_run_app(run, versions[number - 1]);
	return true;
}

/* A descriptor that the old version did not have was leaked by the handover. */
static bool see_it_gone(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	json_int_t now, before;

	if (!step(run, "handover.end", NULL, &reply, error))
		return false;
	now = json_integer_value(json_object_get(reply, "descriptors"));
	before = json_integer_value(json_object_get(reply, "descriptors_before"));
	if (now <= before)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "the new version holds %" JSON_INTEGER_FORMAT
		    " descriptors, the old one held %" JSON_INTEGER_FORMAT,
		    now, before);
	return false;
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "start the new version beside the old one", begin, drop},
	{LU_PREPARE, "pre-copy state", copy, drop},
	{LU_FREEZE, "pause the old version", stand_still, drop},
	{LU_PRESERVE, "send the rest and the sockets", send_rest, drop},
	{LU_SWITCH, "let the new version take over", take_over},
	{LU_FINISH, "check that the old version has ended", see_it_gone},
	{},
};

static bool check(const struct lu_plan *plan, GError **error)
{
	return lu_plan_app_known(plan, error);
}

static const char *const updates[] = {"app", NULL};

const struct lu_strategy lu_strategy_standby = {
	.name = "standby",
	.summary = "a new version of the application takes over state and sockets from the old one",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = true,
	.check = check,
};
