/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds, dump and restore, by the agent's verbs. */
#include "iface/checkpoint.h"

static bool checkpoint(struct lu_run *run, const char *claim, json_t *args, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "checkpoint", args, &reply, error))
		return false;
	lu_run_claims(run, claim, reply);
	return true;
}

/* nolock says what becomes of the network, which a round does not touch. */
static json_t *arguments(bool predump, bool parent, bool nolock)
{
	return json_pack("{s:b, s:b, s:b, s:b}", "tcp", 1, "predump", (int)predump, "parent",
			 (int)parent, "nolock", (int)nolock);
}

bool lu_checkpoint_ahead(struct lu_run *run, const struct lu_checkpoint *how, GError **error)
{
	for (int64_t i = 0; i < how->predump; i++)
		if (!checkpoint(run, "criu.predump", arguments(true, i > 0, false), error))
			return false;
	return true;
}

bool lu_checkpoint_dump(struct lu_run *run, const struct lu_checkpoint *how, GError **error)
{
	return checkpoint(run, "criu.dump", arguments(false, how->predump > 0, how->nolock), error);
}

bool lu_checkpoint_restore(struct lu_run *run, const struct lu_checkpoint *how, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *args = json_pack("{s:b, s:b}", "tcp", 1, "nolock", (int)how->nolock);

	if (!lu_run_call(run, "restore", args, &reply, error))
		return false;
	lu_run_claims(run, "criu.restore", reply);
	return true;
}

bool lu_checkpoint_discard(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "checkpoint.discard", NULL, NULL, error);
}
