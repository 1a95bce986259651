/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec: the next kernel starts inside the running one, and the service is carried over by CRIU.
 *
 * Mechanism: PREPARE puts the next kernel into memory and opens a store that outlives the old one
 * (persistent memory or a disk), and may pre-copy most of the state while the service still answers
 * (predump). FREEZE stops the service, PRESERVE checkpoints it with its TCP connections, SWITCH
 * jumps, RESTORE brings it back on the new kernel, RESUME lets it continue and makes its peers
 * retransmit at once (nudge) instead of waiting for their timers. Assumes: a service that CRIU can
 * dump (otherwise the run is refused and the service continues), the same address after the jump, a
 * kernel that exposes at least the same CPU features. Blackout: begins when the service is stopped,
 * ends when it continues and its peers have retransmitted.
 */
#include "record/error.h"
#include "model/machine.h"
#include "model/bringup.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/next-kernel.h"
#include "strategies/kit/quiesce.h"
#include "model/strategy.h"
#include "model/workload.h"

static const char *const stores[] = {"auto", "pmem", "disk", NULL};
static const char *const kdats[] = {"pinned", "cold", NULL};

static const struct lu_param params[] = {
	{"store", LU_PARAM_CHOICE, "auto", 0, 0, stores,
	 "where the checkpoint outlives the old kernel"},
	LU_PARAMS_NEXT_KERNEL,
	LU_PARAM_PREDUMP,
	{"kdat", LU_PARAM_CHOICE, "pinned", 0, 0, kdats,
	 "CRIU's probe results for the next kernel: made beforehand, or probed during the "
	 "blackout"},
	LU_PARAM_CRIU_LOCK,
	LU_PARAM_NUDGE,
	{"store_mb", LU_PARAM_INT, "0", 0, 65536, NULL,
	 "size of the store in MB, 0: from the workload's state"},
	{},
};

static bool check(const struct lu_plan *plan, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	struct lu_next_kernel choice;

	if (lu_param_int(plan->strategy_params, "predump") &&
	    !lu_checkpoint_tracks(plan, "predump", "predump=0", error))
		return false;
	return lu_bringup_movable(plan, error) &&
	       lu_kexec_offered("store", lu_param_str(plan->strategy_params, "store"),
				machine->stores, machine->name, error) &&
	       lu_next_kernel_choose(plan, &choice, error);
}

/* The machine's own word. */
static const char *store_of(const struct lu_plan *plan)
{
	const char *store = lu_param_str(plan->strategy_params, "store");

	return g_str_equal(store, "auto") ? plan->machine->stores[0] : store;
}

static unsigned store_mb(const struct lu_plan *plan)
{
	unsigned given = (unsigned)lu_param_int(plan->strategy_params, "store_mb");

	return given ? given : lu_checkpoint_store_mb(plan);
}

static bool kdat_pinned(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "kdat"), "pinned");
}

/* Features a kernel has to load for this strategy, without those this machine has built in. The
 * next kernel's are those without which the service cannot continue: what CRIU needs to dump it is
 * loaded in FINISH, unless CRIU has to probe the kernel for it. The caller frees the array. */
static GPtrArray *features(const struct lu_plan *plan, bool next_kernel)
{
	static const char *const names[] = {"net", "block", "ext4",	   "pmem",
					    "nft", "criu",  "criu-restore"};
	bool pmem = g_str_equal(store_of(plan), "pmem");
	bool restore_only = next_kernel && kdat_pinned(plan);
	bool locks_twice = !lu_checkpoint_skips_lock(plan);
	GPtrArray *list = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		/* the first kernel has its network already and reads the next
		 * one from a block device */
		bool wanted = g_str_equal(names[i], "net")	      ? next_kernel
			      : g_str_equal(names[i], "block")	      ? !pmem || !next_kernel
			      : g_str_equal(names[i], "pmem")	      ? pmem
			      : g_str_equal(names[i], "ext4")	      ? true
			      : g_str_equal(names[i], "criu-restore") ? restore_only && locks_twice
								      : !restore_only;

		if (wanted && json_object_get(plan->machine->features, names[i]))
			g_ptr_array_add(list, (gpointer)names[i]);
	}
	g_ptr_array_add(list, NULL);
	return list;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	for (int next_kernel = 0; next_kernel < 2; next_kernel++) {
		g_autoptr(GPtrArray) list = features(plan, next_kernel);

		for (guint i = 0; i + 1 < list->len; i++)
			lu_needs_feature(needs, list->pdata[i]);
	}
	lu_checkpoint_needs(plan, needs);
	lu_needs_program(needs, "mke2fs");
	lu_next_kernel_needs(plan, needs);
	needs->store = store_of(plan);
	needs->store_mb = store_mb(plan);
	needs->pin_kdat = kdat_pinned(plan);
}

static bool load_modules(struct lu_run *run, bool next_kernel, GError **error)
{
	g_autoptr(GPtrArray) list = features(run->plan, next_kernel);
	json_auto_t *reply = NULL;

	if (!lu_bringup_modules(run->guest, (const char *const *)list->pdata, run->deadline_ns,
				&reply, error))
		return false;
	if (next_kernel)
		lu_run_claims(run, "modules", reply);
	return true;
}

static bool mount_store(struct lu_run *run, bool format, GError **error)
{
	json_t *args = json_pack("{s:s, s:b}", "kind", store_of(run->plan), "format", (int)format);

	return lu_run_call(run, "store.open", args, NULL, error);
}

static bool open_store(struct lu_run *run, GError **error)
{
	lu_run_step(run, "load modules");
	if (!load_modules(run, false, error))
		return false;
	lu_run_step(run, "make the store and open it");
	return mount_store(run, true, error);
}

static bool close_store(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "store.close", NULL, NULL, error);
}

/* The time-consuming parts of the freeze are done here: memory, and attaching the lock. */
static bool predump(struct lu_run *run, GError **error)
{
	if (!lu_checkpoint_ahead(run, error))
		return false;
	lu_run_step(run, "arm the network lock");
	return lu_run_call(run, "net.lock", json_pack("{s:b}", "arm", 1), NULL, error);
}

static bool preserve(struct lu_run *run, GError **error)
{
	return lu_checkpoint_dump(run, error) &&
	       lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error);
}

static bool take_back(struct lu_run *run, GError **error)
{
	return lu_bringup_data_release(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_checkpoint_discard(run, error);
}

static bool undo_predump(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error) &&
	       lu_checkpoint_discard(run, error);
}

static bool bring_up(struct lu_run *run, GError **error)
{
	return load_modules(run, true, error) && mount_store(run, false, error) &&
	       lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_bringup_net(run->guest, true, run->deadline_ns, error);
}

static bool finish(struct lu_run *run, GError **error)
{
	lu_run_step(run, "free the checkpoint");
	if (!lu_checkpoint_discard(run, error) || !close_store(run, error))
		return false;
	lu_run_step(run, "load modules");
	return load_modules(run, false, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "open the checkpoint store", open_store, close_store},
	{LU_PREPARE, "stage the next release", lu_next_kernel_stage, lu_next_kernel_unstage},
	{LU_PREPARE, "load the next kernel", lu_next_kernel_load, lu_next_kernel_unload},
	{LU_PREPARE, "pre-copy memory, arm the lock", predump, undo_predump},
	{LU_FREEZE, "freeze the service, lock its network", lu_quiesce, lu_quiesce_undo},
	{LU_PRESERVE, "checkpoint the service", preserve, take_back},
	{LU_SWITCH, "jump into the next kernel", lu_next_kernel_jump},
	{LU_RESTORE, "bring up devices, store and network", bring_up},
	{LU_RESTORE, "restore the service", lu_checkpoint_restore},
	{LU_RESUME, "resume the service", lu_quiesce_end},
	{LU_FINISH, "free the checkpoint, prepare for the next one", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_kexec = {
	.name = "kexec",
	.summary = "checkpoint the service, kexec the next kernel, restore it there",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
