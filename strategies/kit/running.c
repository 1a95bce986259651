/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running service, by the agent's verbs. */
#include "strategies/kit/running.h"
#include "record/error.h"

bool lu_service_hold(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.freeze", NULL, NULL, error);
}

bool lu_service_go_on(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "service.thaw", NULL, NULL, error);
}

bool lu_service_runs(struct lu_run *run, GError **error)
{
	json_auto_t *status = NULL;
	const char *state;

	if (!lu_run_call(run, "service.status", NULL, &status, error))
		return false;
	state = json_string_value(json_object_get(status, "state"));
	if (!g_strcmp0(state, "running"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "the service is not running, its state is '%s'", state ?: "unknown");
	return false;
}
