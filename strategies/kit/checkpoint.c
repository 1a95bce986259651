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

bool lu_checkpoint_time_namespace(const struct lu_plan *plan)
{
	return !json_is_false(json_object_get(plan->strategy_params, "timens"));
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

/* CRIU images hold the state once, and once more for each round: where huge pages are written to
 * here and there, each round finds all of it dirty again. A strategy without that parameter copies
 * in rounds that shrink. */
static unsigned copies(const struct lu_plan *plan)
{
	const json_t *rounds = json_object_get(plan->strategy_params, "predump");

	return 1 + (rounds ? (unsigned)json_integer_value(rounds) : 1);
}

/* The rest is the file system's overhead and CRIU's metadata. */
unsigned lu_checkpoint_store_mb(const struct lu_plan *plan)
{
	uint64_t state = lu_plan_state_bytes(plan) >> 20;
	const json_t *given_mb = json_object_get(plan->strategy_params, "store_mb");
	unsigned given = (unsigned)json_integer_value(given_mb);

	return given ? given : (unsigned)(state + state / 4) * copies(plan) + 64;
}

static bool look(struct lu_run *run, unsigned more_copies, GError **error)
{
	const struct lu_preflight_room room = {
		.copies = more_copies,
		.raise = "store_mb",
		.now_mb = run->plan->needs->store_mb,
	};

	return lu_preflight(run, &room, error);
}

bool lu_checkpoint_preflight(struct lu_run *run, GError **error)
{
	return look(run, copies(run->plan), error);
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

bool lu_checkpoint_seal_ahead(struct lu_run *run, GError **error)
{
	if (lu_manifest_kept(run->plan))
		lu_run_step(run, "hash the rounds");
	return lu_manifest_seal(run, lu_run_call, "manifest.ahead", error);
}

static bool rounds_ahead(struct lu_run *run, GError **error)
{
	int64_t rounds = lu_param_int(run->params, "predump");

	for (int64_t i = 0; i < rounds; i++) {
		g_autofree char *name = g_strdup_printf("pre-dump round %" G_GINT64_FORMAT, i + 1);

		lu_run_step(run, name);
		if (!checkpoint(run, "criu.predump", arguments(true, i > 0, false), error))
			return false;
	}
	return !rounds || lu_checkpoint_seal_ahead(run, error);
}

bool lu_checkpoint_ahead(struct lu_run *run, GError **error)
{
	/* What is dumped last is copied last, so that little of it has changed by then. */
	for (unsigned i = lu_plan_services(run->plan); i-- > 0;) {
		struct lu_run its = lu_run_of(run, i);

		if (!rounds_ahead(&its, error))
			return false;
	}
	lu_run_step(run, "preflight");
	return look(run, 1, error);
}

static int64_t figure(const json_t *reply, const char *name)
{
	return json_integer_value(json_object_get(reply, name));
}

bool lu_checkpoint_sleepers(struct lu_run *run, int64_t window_ms, bool *taken, GError **error)
{
	json_auto_t *reply = NULL;
	g_autofree char *text = NULL;

	lu_run_step(run, "snapshot what sleeps");
	if (!lu_run_call(run, "checkpoint.sleepers", json_pack("{s:I}", "window_ms", window_ms),
			 &reply, error))
		return false;
	*taken = figure(reply, "trees") > 0;
	lu_run_claims(run, "precopy", reply);
	text = g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
			       " processes had not run for %" G_GINT64_FORMAT
			       " ms: %" G_GINT64_FORMAT " bytes",
			       figure(reply, "asleep"), figure(reply, "tasks"), window_ms,
			       figure(reply, "written_bytes"));
	lu_run_note(run, "precopy.sleepers", text);
	return true;
}

bool lu_checkpoint_round(struct lu_run *run, unsigned round, bool parent, int64_t *bytes,
			 GError **error)
{
	g_autofree char *step = g_strdup_printf("pre-copy round %u", round + 1);
	g_autofree char *claim = g_strdup_printf("precopy.%u", round);
	json_auto_t *reply = NULL;
	json_t *args = arguments(true, parent, false);

	json_object_set_new(args, "gently", json_true());
	lu_run_step(run, step);
	if (!lu_run_call(run, "checkpoint", args, &reply, error))
		return false;
	lu_run_claims(run, claim, reply);
	*bytes = json_integer_value(json_object_get(reply, "written_bytes"));
	return true;
}

static bool dump(struct lu_run *run, bool parent, GError **error)
{
	return lu_preflight_frozen(run, error) &&
	       checkpoint(run, "criu.dump",
			  arguments(false, parent, lu_checkpoint_skips_lock(run->plan)), error) &&
	       lu_manifest_seal(run, lu_run_call, "manifest", error);
}

bool lu_checkpoint_dump(struct lu_run *run, GError **error)
{
	return dump(run, lu_param_int(run->params, "predump") > 0, error);
}

bool lu_checkpoint_dump_rest(struct lu_run *run, GError **error)
{
	return dump(run, true, error);
}

bool lu_checkpoint_restore(struct lu_run *run, GError **error)
{
	return lu_checkpoint_restore_as(run, "eager", error);
}

/* What a restore has left for later. */
static void note_memory(struct lu_run *run, const char *memory, const json_t *reply)
{
	g_autofree char *text =
		g_strdup_printf("%s: %" G_GINT64_FORMAT " bytes later, %" G_GINT64_FORMAT
				" brought up to date in the store",
				memory, figure(reply, "later_bytes"), figure(reply, "moved_bytes"));

	lu_run_note(run, "restore.memory", text);
}

static bool restore_as(struct lu_run *run, const char *memory, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *args = json_pack("{s:b, s:b, s:b, s:s, s:b}", "tcp", 1, "nolock",
				 (int)lu_checkpoint_skips_lock(run->plan), "timens",
				 (int)lu_checkpoint_time_namespace(run->plan), "memory", memory,
				 "buildid", (int)lu_manifest_kept(run->plan));

	/* The next kernel's agent does not know it from its start. */
	if (run->service)
		json_object_set_new(args, "port",
				    json_integer(lu_workload_port(run->plan->workload,
								  run->plan->workload_params)));

	if (!lu_run_call(run, "restore", args, &reply, error))
		return false;
	lu_run_claims(run, "criu.restore", reply);
	if (!g_str_equal(memory, "eager"))
		note_memory(run, memory, reply);
	return true;
}

/* Both read the images, beside each other where there are processors for it. Pages that come later
 * are handed out by CRIU, which compares nothing, so all of them are compared before the first. */
bool lu_checkpoint_restore_as(struct lu_run *run, const char *memory, GError **error)
{
	bool lazy = !g_str_equal(memory, "eager");

	if (!lu_manifest_begin(run, lu_run_call, error) ||
	    (lazy && !lu_manifest_end(run, lu_run_call, true, error)))
		return false;
	return lazy ? restore_as(run, memory, error)
		    : lu_manifest_end(run, lu_run_call, restore_as(run, memory, error), error);
}

bool lu_checkpoint_filled(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "memory.wait", NULL, &reply, error))
		return false;
	lu_run_claims(run, "memory", reply);
	return true;
}

static bool discard(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "checkpoint.discard", NULL, NULL, error);
}

bool lu_checkpoint_discard(struct lu_run *run, GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(run->plan); i++) {
		struct lu_run its = lu_run_of(run, i);

		if (!discard(&its, error))
			return false;
	}
	return true;
}
