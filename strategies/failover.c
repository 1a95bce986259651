/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failover: the next kernel already runs in a second machine when the service is transferred to it.
 *
 * Mechanism: PREPARE boots a standby with the new kernel behind closed gates, loads what it needs,
 * pre-copies the service's memory to it over a network private to the two machines, in rounds until
 * the dirty set stops shrinking (record/precopy-stop.h), and starts the helpers that will be
 * needed. FREEZE stops the service and locks its network, PRESERVE sends the rest and rebuilds the
 * service on the standby, still behind the gates (restore=after, or with a data disk: only in
 * RESTORE); SWITCH flips gate and address, RESUME lets the service continue and makes its peers
 * retransmit. Assumes: a service that CRIU can dump (otherwise the run is refused and the service
 * continues), a host with room for both machines. Up to the flip the old machine keeps the service
 * as it was, and an undo resumes it there. Blackout: begins when the service is stopped, ends when
 * it continues on the standby and its peers have retransmitted.
 */
#include "record/error.h"
#include "model/machine.h"
#include "model/bringup.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/manifest.h"
#include "strategies/kit/preflight.h"
#include "strategies/kit/quiesce.h"
#include "strategies/kit/rounds.h"
#include "model/strategy.h"

static const char *const moments[] = {"before", "after", NULL};

static const struct lu_param params[] = {
	{"wait_ms", LU_PARAM_INT, "0", 0, 600000, NULL,
	 "how long the standby waits before memory is copied, ms"},
	LU_PARAMS_ROUNDS,
	{"restore", LU_PARAM_CHOICE, "before", .choices = moments,
	 .help = "rebuild the service on the standby before or after the flip"},
	LU_PARAM_CRIU_LOCK,
	LU_PARAM_TIMENS,
	{"rehearse", LU_PARAM_BOOL, "on", 0, 0, NULL,
	 "dump and restore a dummy process on both machines beforehand"},
	LU_PARAM_NUDGE,
	LU_PARAM_PREFLIGHT,
	LU_PARAM_MANIFEST("on"),
	{},
};

/* The standby's address on the replication network, and what the rounds have sent. */
struct state {
	char standby[64];
	struct lu_rounds rounds;
};

static bool chosen(const struct lu_plan *plan, const char *param, const char *word)
{
	return g_str_equal(lu_param_str(plan->strategy_params, param), word);
}

/* Both machines have the same data disk: once the standby has mounted it this cannot be undone. */
static bool restores_before(const struct lu_plan *plan)
{
	return chosen(plan, "restore", "before") && !plan->needs->data_mb;
}

/* Those that this machine does not have built in; the caller frees the array. The running machine
 * has its network and its disk already. */
static GPtrArray *features(const struct lu_plan *plan, bool standby)
{
	static const char *const names[] = {"net", "block", "ext4", "nft", "criu-restore", "criu"};
	GPtrArray *list = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		bool disk = g_str_equal(names[i], "block") || g_str_equal(names[i], "ext4");
		bool wanted = disk			     ? standby && plan->needs->data_mb
			      : g_str_equal(names[i], "net") ? standby
							     : true;

		if (wanted && json_object_get(plan->machine->features, names[i]))
			g_ptr_array_add(list, (gpointer)names[i]);
	}
	return list;
}

/* The standby holds the state twice, once as CRIU images and once as the service, and in addition
 * what each round sends again. */
static unsigned spare_mb(const struct lu_plan *plan)
{
	uint64_t state = lu_plan_state_bytes(plan) >> 20;

	return (unsigned)(2 * state + state / 2);
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	static const char *const names[] = {"net", "nft", "criu-restore", "criu"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (json_object_get(plan->machine->features, names[i]))
			lu_needs_feature(needs, names[i]);
	lu_needs_program(needs, "criu");
	lu_needs_program(needs, "nolock");
	needs->replication = true;
	needs->pin_kdat = true;
	needs->spare_mb = spare_mb(plan);
}

typedef bool (*call_fn)(struct lu_run *run, const char *verb, json_t *args, json_t **reply,
			GError **error);

/* What both machines need: modules, a place for CRIU images, their private network. */
static bool bring_up(struct lu_run *run, bool standby, GError **error)
{
	g_autoptr(GPtrArray) list = features(run->plan, standby);
	call_fn call = standby ? lu_run_call_standby : lu_run_call;
	json_t *names = json_array();

	for (guint i = 0; i < list->len; i++)
		json_array_append_new(names, json_string(list->pdata[i]));
	return call(run, "modules", json_pack("{s:o}", "features", names), NULL, error) &&
	       call(run, "store.open", json_pack("{s:s, s:b}", "kind", "ram", "format", 1), NULL,
		    error) &&
	       call(run, "link.up", NULL, NULL, error);
}

/* What CRIU and the kernels do for the first time takes longest, so do it once beforehand. */
static bool rehearse(struct lu_run *run, bool standby, GError **error)
{
	call_fn call = standby ? lu_run_call_standby : lu_run_call;
	json_auto_t *reply = NULL;

	if (!lu_param_bool(run->params, "rehearse"))
		return true;
	if (!call(run, "replica.rehearse",
		  json_pack("{s:b}", "nolock", (int)lu_checkpoint_skips_lock(run->plan)), &reply,
		  error))
		return false;
	lu_run_claims(run, standby ? "standby" : "old", reply);
	return true;
}

static bool open_old(struct lu_run *run, GError **error)
{
	return bring_up(run, false, error) && rehearse(run, false, error);
}

static bool close_old(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "store.close", NULL, NULL, error) &&
	       lu_run_call(run, "link.down", NULL, NULL, error);
}

static bool boot(struct lu_run *run, GError **error)
{
	if (!run->guest->ops->standby_start) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "guest %s has no second machine to fail over to",
			    run->guest->ops->name);
		return false;
	}
	return run->guest->ops->standby_start(run->guest, LU_STANDBY_BOOT, LU_RELEASE_NEW,
					      lu_run_left(run), error);
}

static bool drop(struct lu_run *run, GError **error)
{
	return run->guest->ops->standby_drop(run->guest, error);
}

/* The CRIU that will restore the service. It has to know beforehand whether the service wants huge
 * pages, which is not in its images. */
static bool make_ready(struct lu_run *run, GError **error)
{
	json_auto_t *status = NULL;
	bool none;

	if (!lu_run_call(run, "service.status", NULL, &status, error))
		return false;
	none = json_is_false(json_object_get(status, "huge_pages"));
	return lu_run_call_standby(run, "replica.ready",
				   json_pack("{s:b, s:b}", "nolock",
					     (int)lu_checkpoint_skips_lock(run->plan), "huge_pages",
					     (int)!none),
				   NULL, error);
}

static bool open_standby(struct lu_run *run, GError **error)
{
	struct state *state = run->state;
	json_auto_t *reply = NULL;

	if (!bring_up(run, true, error) || !rehearse(run, true, error) ||
	    !lu_run_call_standby(run, "net.up", lu_bringup_net_args(true), NULL, error) ||
	    !lu_run_call_standby(run, "replica.serve", NULL, &reply, error) ||
	    !make_ready(run, error))
		return false;
	g_strlcpy(state->standby, json_string_value(json_object_get(reply, "address")) ?: "",
		  sizeof(state->standby));
	return true;
}

static bool let_it_wait(struct lu_run *run, GError **error)
{
	return lu_run_wait(run, lu_param_int(run->params, "wait_ms") * 1000000, error);
}

static json_t *to_standby(const struct lu_run *run)
{
	const struct state *state = run->state;

	return json_pack("{s:s}", "to", state->standby);
}

static bool arm(struct lu_run *run, GError **error)
{
	json_t *args = to_standby(run);

	lu_run_step(run, "arm CRIU and the network lock");
	json_object_set_new(args, "nolock", json_boolean(lu_checkpoint_skips_lock(run->plan)));
	return lu_run_call(run, "replica.arm", args, NULL, error) &&
	       lu_run_call(run, "net.lock", json_pack("{s:b}", "arm", 1), NULL, error);
}

static bool one_round(struct lu_run *run, unsigned round, int64_t *bytes, GError **error)
{
	g_autofree char *name = g_strdup_printf("precopy.%u", round);
	g_autofree char *step = g_strdup_printf("pre-copy round %u", round + 1);
	json_auto_t *reply = NULL;

	lu_run_step(run, step);
	if (!lu_run_call(run, "replica.precopy", to_standby(run), &reply, error))
		return false;
	lu_run_claims(run, name, reply);
	*bytes = json_integer_value(json_object_get(reply, "bytes"));
	return true;
}

static bool preflight(struct lu_run *run, GError **error)
{
	return lu_preflight(run, NULL, error);
}

/* The standby holds the state as CRIU images and as the service. */
static bool preflight_of_both(struct lu_run *run, GError **error)
{
	const struct lu_plan *plan = run->plan;
	const struct lu_preflight_room room = {
		.copies = 2,
		.where = LU_PREFLIGHT_STANDBY,
		.raise = "memory_mb",
		.now_mb = plan->memory_mb ? plan->memory_mb : plan->machine->memory_mb,
	};

	return lu_preflight(run, &room, error);
}

/* The standby hashes what it has received. */
static bool seal_ahead(struct lu_run *run, GError **error)
{
	if (lu_manifest_kept(run->plan))
		lu_run_step(run, "hash the rounds");
	return lu_manifest_seal(run, lu_run_call_standby, "manifest.ahead", error);
}

static bool copy_ahead(struct lu_run *run, GError **error)
{
	struct state *state = run->state;

	lu_run_step(run, "preflight");
	if (!preflight_of_both(run, error) ||
	    !lu_rounds_run(run, &state->rounds, one_round, error) || !seal_ahead(run, error))
		return false;
	lu_run_step(run, "preflight");
	return preflight(run, error) && arm(run, error);
}

static bool release(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "replica.release", NULL, NULL, error);
}

static bool stop_copying(struct lu_run *run, GError **error)
{
	return release(run, error) && lu_run_call(run, "net.unlock", NULL, NULL, error) &&
	       lu_rounds_undo(run, error);
}

static bool dump(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_preflight_frozen(run, error) ||
	    !lu_run_call(
		    run, "replica.dump",
		    json_pack("{s:b, s:b}", "tcp", 1, "buildid", (int)lu_manifest_kept(run->plan)),
		    &reply, error))
		return false;
	lu_run_claims(run, "replica", reply);
	return lu_manifest_seal(run, lu_run_call_standby, "manifest", error) &&
	       lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error);
}

static bool take_back(struct lu_run *run, GError **error)
{
	return lu_bringup_data_release(run->guest, run->plan, run->deadline_ns, error) &&
	       release(run, error);
}

static bool rebuild(struct lu_run *run, call_fn call, GError **error)
{
	json_auto_t *reply = NULL;

	if (!call(run, "replica.restore",
		  json_pack("{s:b, s:b, s:b}", "tcp", 1, "timens",
			    (int)lu_checkpoint_time_namespace(run->plan), "buildid",
			    (int)lu_manifest_kept(run->plan)),
		  &reply, error))
		return false;
	lu_run_claims(run, "replica", reply);
	return true;
}

static bool restore(struct lu_run *run, call_fn call, GError **error)
{
	return lu_manifest_begin(run, call, error) &&
	       lu_manifest_end(run, call, rebuild(run, call, error), error);
}

static bool restore_before(struct lu_run *run, GError **error)
{
	return !restores_before(run->plan) || restore(run, lu_run_call_standby, error);
}

static bool flip(struct lu_run *run, GError **error)
{
	return run->guest->ops->standby_switch(run->guest, lu_run_left(run), error);
}

static bool restore_after(struct lu_run *run, GError **error)
{
	return restores_before(run->plan) ||
	       (lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
		restore(run, lu_run_call, error));
}

static bool finish(struct lu_run *run, GError **error)
{
	return drop(run, error) && close_old(run, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "open image folder and private network", open_old, close_old},
	{LU_PREPARE, "preflight", preflight},
	{LU_PREPARE, "boot the standby", boot, drop},
	{LU_PREPARE, "load what the standby needs", open_standby},
	{LU_PREPARE, "let the standby wait", let_it_wait},
	{LU_PREPARE, "pre-copy memory", copy_ahead, stop_copying},
	{LU_FREEZE, "freeze the service, lock its network", lu_quiesce, lu_quiesce_undo},
	{LU_PRESERVE, "send the rest", dump, take_back},
	{LU_PRESERVE, "rebuild the service behind the gate", restore_before},
	{LU_SWITCH, "flip gate and address", flip},
	{LU_RESTORE, "rebuild the service behind the lock", restore_after},
	{LU_RESUME, "resume the service", lu_quiesce_end},
	{LU_FINISH, "end the old machine, free the CRIU images", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

static bool check(const struct lu_plan *plan, GError **error)
{
	return lu_checkpoint_tracks(plan, "failover, which always copies ahead", NULL, error) &&
	       lu_bringup_movable(plan, error);
}

const struct lu_strategy lu_strategy_failover = {
	.name = "failover",
	.summary = "boots the next kernel in a standby, transfers the service to it, flips the "
		   "address",
	.params = params,
	.phases = phases,
	.state_size = sizeof(struct state),
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
