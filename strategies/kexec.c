/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec: the next kernel starts inside the running one, and the service is carried over by CRIU.
 *
 * Mechanism: PREPARE opens a store that outlives the old kernel (persistent memory or a disk),
 * refuses what CRIU cannot carry or the store cannot hold (preflight), puts the next kernel into
 * memory, and may pre-copy most of the state while the service still answers (predump). FREEZE
 * stops the service, PRESERVE checkpoints it with its TCP connections, SWITCH jumps, RESTORE brings
 * it back on the new kernel, RESUME lets it continue and makes its peers retransmit at once (nudge)
 * instead of waiting for their timers. Assumes: a service that CRIU can dump (otherwise the run is
 * refused, mostly before the service has been stopped), the same address after the jump, a kernel
 * that exposes at least the same CPU features. Blackout: begins when the service is stopped, ends
 * when it continues and its peers have retransmitted. Of several services each has its own, whose
 * length depends on the order in which they stop and come back (strategies/kit/staged.h).
 */
#include "strategies/kit/carry.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/next-kernel.h"
#include "strategies/kit/quiesce.h"
#include "strategies/kit/staged.h"
#include "model/strategy.h"

static const struct lu_param params[] = {
	LU_PARAMS_CARRY,    LU_PARAMS_NEXT_KERNEL,   LU_PARAM_PREDUMP,
	LU_PARAM_CRIU_LOCK, LU_PARAM_TIMENS,	     LU_PARAM_NUDGE,
	LU_PARAM_PREFLIGHT, LU_PARAM_MANIFEST("on"), {},
};

static bool check(const struct lu_plan *plan, GError **error)
{
	if (lu_param_int(plan->strategy_params, "predump") &&
	    !lu_checkpoint_tracks(plan, "predump", "predump=0", error))
		return false;
	return lu_carry_check(plan, error);
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	lu_carry_needs(plan, lu_checkpoint_store_mb(plan), needs);
}

/* The time-consuming parts of the freeze are done here: memory, and attaching the lock. */
static bool predump(struct lu_run *run, GError **error)
{
	return lu_checkpoint_ahead(run, error) && lu_carry_arm(run, error);
}

static bool undo_predump(struct lu_run *run, GError **error)
{
	return lu_carry_disarm(run, error) && lu_checkpoint_discard(run, error);
}

static bool preserve(struct lu_run *run, GError **error)
{
	return lu_staged_criu_save(run, error) && lu_carry_hold(run, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "open the checkpoint store", lu_carry_open, lu_carry_close},
	{LU_PREPARE, "preflight", lu_checkpoint_preflight},
	{LU_PREPARE, "stage the next release", lu_next_kernel_stage, lu_next_kernel_unstage},
	{LU_PREPARE, "load the next kernel", lu_next_kernel_load, lu_next_kernel_unload},
	{LU_PREPARE, "pre-copy memory, arm the lock", predump, undo_predump},
	{LU_FREEZE, "freeze the service, lock its network", lu_staged_criu_freeze, lu_staged_thaw},
	{LU_PRESERVE, "checkpoint the service", preserve, lu_carry_take_back},
	{LU_SWITCH, "jump into the next kernel", lu_next_kernel_jump},
	{LU_RESTORE, "bring up devices, store and network", lu_carry_bring_up},
	{LU_RESTORE, "restore the service", lu_staged_criu_restore},
	{LU_RESUME, "resume the service", lu_staged_criu_resume},
	{LU_FINISH, "free the checkpoint, prepare for the next one", lu_carry_finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_kexec = {
	.name = "kexec",
	.summary = "checkpoint the service, kexec the next kernel, restore it there",
	.params = params,
	.several = lu_staged_params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
