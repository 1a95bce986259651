/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Freeze, lock, undo and resume, by the agent's verbs. */
#include "strategies/kit/quiesce.h"

bool lu_quiesce_stop(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "service.freeze", NULL, &reply, error))
		return false;
	lu_run_claims(run, "service", reply);
	return true;
}

bool lu_quiesce(struct lu_run *run, GError **error)
{
	return lu_quiesce_stop(run, error) && lu_run_call(run, "net.lock", NULL, NULL, error);
}

bool lu_quiesce_thaw(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.thaw", NULL, NULL, error);
}

bool lu_quiesce_undo(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error) && lu_quiesce_thaw(run, error);
}

bool lu_quiesce_wake(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_param_bool(run->params, "nudge"))
		return lu_quiesce_thaw(run, error);
	/* net.nudge thaws the service itself, at the right moment. */
	if (!lu_run_call(run, "net.nudge", json_pack("{s:b}", "thaw", 1), &reply, error))
		return false;
	lu_run_claims(run, "net", reply);
	return true;
}

bool lu_quiesce_end(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error) && lu_quiesce_wake(run, error);
}
