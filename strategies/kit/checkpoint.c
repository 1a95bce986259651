/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pre-copy rounds, dump and restore, by the agent's verbs. */
#include "strategies/kit/checkpoint.h"
#include "model/workload.h"
#include "record/error.h"

const char *const lu_criu_locks[] = {"skip", "nftables", NULL};

bool lu_checkpoint_skips_lock(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "criu_lock"), "skip");
}

bool lu_checkpoint_tracks(const struct lu_plan *plan, const char *who, const char *allowed,
			  GError **error)
{
	const struct lu_machine *machine = plan->machine;

	if (json_object_get(machine->features, "soft-dirty"))
		return true;
	g_set_error(
		error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		"%s: CRIU's pre-copy needs a kernel that tracks written pages, and machine %s has "
		"no feature soft-dirty%s%s",
		who, machine->name, allowed ? "; allowed: " : "", allowed ?: "");
	return false;
}

void lu_checkpoint_needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	lu_needs_program(needs, "criu");
	if (lu_checkpoint_skips_lock(plan))
		lu_needs_program(needs, "nolock");
}

/* CRIU images hold the state once, and once more whatever a round copied and the dump finds dirty
 * again; the rest is the file system's overhead and CRIU's metadata. */
unsigned lu_checkpoint_store_mb(const struct lu_plan *plan)
{
	uint64_t state = plan->workload->state_bytes(plan->workload_params) >> 20;
	unsigned copies = lu_param_int(plan->strategy_params, "predump") ? 2 : 1;

	return (unsigned)(state + state / 4) * copies + 64;
}

static bool checkpoint(struct lu_run *run, const char *claim, json_t *args, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "checkpoint", args, &reply, error))
		return false;
	lu_run_claims(run, claim, reply);
	return true;
}

/* nolock is about the network, which a round does not touch. */
static json_t *arguments(bool predump, bool parent, bool nolock)
{
	return json_pack("{s:b, s:b, s:b, s:b}", "tcp", 1, "predump", (int)predump, "parent",
			 (int)parent, "nolock", (int)nolock);
}

bool lu_checkpoint_ahead(struct lu_run *run, GError **error)
{
	int64_t rounds = lu_param_int(run->params, "predump");

	for (int64_t i = 0; i < rounds; i++) {
		g_autofree char *name = g_strdup_printf("pre-dump round %" G_GINT64_FORMAT, i + 1);

		lu_run_step(run, name);
		if (!checkpoint(run, "criu.predump", arguments(true, i > 0, false), error))
			return false;
	}
	return true;
}

bool lu_checkpoint_dump(struct lu_run *run, GError **error)
{
	bool parent = lu_param_int(run->params, "predump") > 0;

	return checkpoint(run, "criu.dump",
			  arguments(false, parent, lu_checkpoint_skips_lock(run->plan)), error);
}

bool lu_checkpoint_restore(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *args = json_pack("{s:b, s:b}", "tcp", 1, "nolock",
				 (int)lu_checkpoint_skips_lock(run->plan));

	if (!lu_run_call(run, "restore", args, &reply, error))
		return false;
	lu_run_claims(run, "criu.restore", reply);
	return true;
}

bool lu_checkpoint_discard(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "checkpoint.discard", NULL, NULL, error);
}
