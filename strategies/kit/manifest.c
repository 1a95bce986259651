/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/kit/manifest.h"

bool lu_manifest_kept(const struct lu_plan *plan)
{
	return json_is_true(json_object_get(plan->strategy_params, "manifest"));
}

bool lu_manifest_seal(struct lu_run *run, lu_manifest_call call, const char *name, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_manifest_kept(run->plan))
		return true;
	if (!call(run, "manifest.seal", NULL, &reply, error))
		return false;
	lu_run_claims(run, name, reply);
	return true;
}

bool lu_manifest_begin(struct lu_run *run, lu_manifest_call call, GError **error)
{
	return !lu_manifest_kept(run->plan) || call(run, "manifest.begin", NULL, NULL, error);
}

bool lu_manifest_end(struct lu_run *run, lu_manifest_call call, bool restored, GError **error)
{
	g_autoptr(GError) damage = NULL;
	json_auto_t *reply = NULL;

	if (!lu_manifest_kept(run->plan))
		return restored;
	if (call(run, "manifest.end", NULL, &reply, &damage)) {
		lu_run_claims(run, "manifest", reply);
		return restored;
	}
	g_clear_error(error);
	g_propagate_error(error, g_steal_pointer(&damage));
	return false;
}
