/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * twophase: kexec with a checkpoint that is made in two phases, most of it while everything runs
 * (after Ingo Molnar, 2015).
 *
 * Mechanism: PREPARE puts the next kernel into memory and copies the service's memory to a store
 * that outlives the old one, at the lowest priority: first of processes that sleep, then in rounds
 * of all that has changed since, until another round is not worth its time (record/precopy-stop.h).
 * FREEZE stops the service, PRESERVE takes only what has changed after the last round, SWITCH
 * jumps. RESTORE brings the service back without waiting for its memory: restore=lazy fills it on
 * demand (CRIU's lazy pages, userfaultfd) and in between, restore=eager copies all first;
 * restore=mapped, the store's pages in its place, is unsupported. FINISH waits for what is left,
 * then frees the checkpoint. Assumes: what kexec assumes, and a kernel that tracks writes; the store
 * holds the state from PREPARE to FINISH. Blackout: begins when the service is stopped, ends when it
 * continues and its peers have retransmitted; it does not grow with memory that does not change.
 */
#include "record/error.h"
#include "strategies/kit/carry.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/next-kernel.h"
#include "strategies/kit/quiesce.h"
#include "strategies/kit/rounds.h"
#include "strategies/kit/staged.h"

static const char *const memories[] = {"lazy", "mapped", "eager", NULL};

static const struct lu_param params[] = {
	{"restore", LU_PARAM_CHOICE, "lazy", .choices = memories,
	 .help = "memory after the jump: filled on demand, copied before the service answers, or "
		 "mapped from the store (unsupported: it says why)"},
	{"sleepers_ms", LU_PARAM_INT, "100", 0, 60000, NULL,
	 "processes that have not run for so long are copied before all others, ms; 0: none are"},
	LU_PARAMS_ROUNDS,
	LU_PARAMS_CARRY,
	LU_PARAMS_NEXT_KERNEL,
	LU_PARAM_CRIU_LOCK,
	LU_PARAM_TIMENS,
	LU_PARAM_NUDGE,
	LU_PARAM_PREFLIGHT,
	LU_PARAM_MANIFEST("off"),
	{},
};

/* Of one service. */
struct state {
	struct lu_rounds rounds;
	bool slept; /* what slept has been copied */
};

/* Tried in real guests: redis, which had read most of its pages by then, crashed in FINISH with
 * wrong replies; tick, which had not, passed. */
static bool memory_can_come(const struct lu_plan *plan, GError **error)
{
	if (!g_str_equal(lu_param_str(plan->strategy_params, "restore"), "mapped"))
		return true;
	g_set_error_literal(
		error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		"restore=mapped: pages of a DAX file that the service has read cannot be made its "
		"own from outside (Linux 6.1 copies them from the wrong memory), and memory that "
		"it gives back before does not read as zeros; allowed: lazy, eager");
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	return memory_can_come(plan, error) &&
	       lu_checkpoint_tracks(plan, "twophase, which always copies ahead", NULL, error) &&
	       lu_carry_check(plan, error);
}

/* The state once, and half of it for what is found dirty again, which the stop rule keeps small. No
 * more, since the next kernel makes a descriptor of each page of the store before it can mount it:
 * that is part of the blackout, and grows with the store. */
static unsigned store_mb(const struct lu_plan *plan)
{
	uint64_t state = lu_plan_state_bytes(plan) >> 20;

	return (unsigned)(state + state / 2) + 64;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	lu_carry_needs(plan, store_mb(plan), needs);
}

/* Room for one copy: what is found dirty again is small next to it, or the rounds end. */
static bool preflight(struct lu_run *run, GError **error)
{
	const struct lu_preflight_room room = {
		.copies = 1,
		.raise = "store_mb",
		.now_mb = run->plan->needs->store_mb,
	};

	return lu_preflight(run, &room, error);
}

static bool copy_its_sleepers(struct lu_run *run, GError **error)
{
	struct state *state = run->state;
	int64_t window_ms = lu_param_int(run->params, "sleepers_ms");

	return !window_ms || lu_checkpoint_sleepers(run, window_ms, &state->slept, error);
}

static bool copy_sleepers(struct lu_run *run, GError **error)
{
	return lu_each_service(run, sizeof(struct state), copy_its_sleepers, error);
}

static bool one_round(struct lu_run *run, unsigned round, int64_t *bytes, GError **error)
{
	const struct state *state = run->state;

	return lu_checkpoint_round(run, round, round > 0 || state->slept, bytes, error);
}

static bool copy_its_memory(struct lu_run *run, GError **error)
{
	struct state *state = run->state;

	return lu_rounds_run(run, &state->rounds, one_round, error) &&
	       lu_checkpoint_seal_ahead(run, error);
}

static bool copy_all(struct lu_run *run, GError **error)
{
	if (!lu_each_service(run, sizeof(struct state), copy_its_memory, error))
		return false;
	lu_run_step(run, "preflight");
	return lu_preflight(run, NULL, error) && lu_carry_arm(run, error);
}

static bool undo_copy_all(struct lu_run *run, GError **error)
{
	return lu_carry_disarm(run, error) && lu_checkpoint_discard(run, error) &&
	       lu_rounds_undo(run, error);
}

static bool restore_one(struct lu_run *run, GError **error)
{
	return lu_checkpoint_restore_as(run, lu_param_str(run->params, "restore"), error);
}

/* Memory comes to one service at a time. */
static const struct lu_staging staging = {lu_checkpoint_dump_rest, restore_one,
					  lu_checkpoint_filled};

static bool freeze(struct lu_run *run, GError **error)
{
	return lu_staged_freeze(run, &staging, error);
}

static bool preserve(struct lu_run *run, GError **error)
{
	return lu_staged_save(run, &staging, error) && lu_carry_hold(run, error);
}

static bool restore(struct lu_run *run, GError **error)
{
	return lu_staged_restore(run, &staging, error);
}

static bool resume(struct lu_run *run, GError **error)
{
	return lu_staged_resume(run, &staging, error);
}

static bool wait_for_the_rest(struct lu_run *run, GError **error)
{
	return lu_each_service(run, 0, lu_checkpoint_filled, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "open the checkpoint store", lu_carry_open, lu_carry_close},
	{LU_PREPARE, "preflight", preflight},
	{LU_PREPARE, "stage the next release", lu_next_kernel_stage, lu_next_kernel_unstage},
	{LU_PREPARE, "load the next kernel", lu_next_kernel_load, lu_next_kernel_unload},
	{LU_PREPARE, "pre-copy what sleeps", copy_sleepers, lu_checkpoint_discard},
	{LU_PREPARE, "pre-copy memory, arm the lock", copy_all, undo_copy_all},
	{LU_FREEZE, "freeze the service, lock its network", freeze, lu_staged_thaw},
	{LU_PRESERVE, "checkpoint what has changed", preserve, lu_carry_take_back},
	{LU_SWITCH, "jump into the next kernel", lu_next_kernel_jump},
	{LU_RESTORE, "bring up devices, store and network", lu_carry_bring_up},
	{LU_RESTORE, "restore the service", restore},
	{LU_RESUME, "resume the service", resume},
	{LU_FINISH, "wait for the rest of its memory", wait_for_the_rest},
	{LU_FINISH, "free the checkpoint, prepare for the next one", lu_carry_finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_twophase = {
	.name = "twophase",
	.summary =
		"kexec whose checkpoint is made while the service runs, but for what changes last",
	.params = params,
	.phases = phases,
	.several = lu_staged_params,
	.state_size = LU_SERVICES_MOST * sizeof(struct state),
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
