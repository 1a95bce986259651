/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store and both kernels' needs, by the agent's verbs. */
#include "strategies/kit/carry.h"
#include "model/bringup.h"
#include "model/machine.h"
#include "model/workload.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/next-kernel.h"

const char *const lu_carry_stores[] = {"auto", "pmem", "disk", NULL};
const char *const lu_carry_kdats[] = {"pinned", "cold", NULL};

bool lu_carry_check(const struct lu_plan *plan, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	struct lu_next_kernel choice;

	return lu_bringup_movable(plan, error) &&
	       lu_kexec_offered("store", lu_param_str(plan->strategy_params, "store"),
				machine->stores, machine->name, error) &&
	       lu_next_kernel_choose(plan, &choice, error);
}

const char *lu_carry_store(const struct lu_plan *plan)
{
	const char *store = lu_param_str(plan->strategy_params, "store");

	return g_str_equal(store, "auto") ? plan->machine->stores[0] : store;
}

static bool kdat_pinned(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "kdat"), "pinned");
}

/* Features a kernel has to load for this, without those this machine has built in. The next
 * kernel's are those without which the service cannot continue: what CRIU needs to dump it is
 * loaded in FINISH, unless CRIU has to probe the kernel for it. The caller frees the array. */
static GPtrArray *features(const struct lu_plan *plan, bool next_kernel)
{
	static const char *const names[] = {"net", "block", "ext4",	   "pmem",
					    "nft", "criu",  "criu-restore"};
	bool pmem = g_str_equal(lu_carry_store(plan), "pmem");
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

void lu_carry_needs(const struct lu_plan *plan, unsigned store_mb, struct lu_needs *needs)
{
	unsigned given = (unsigned)lu_param_int(plan->strategy_params, "store_mb");

	for (int next_kernel = 0; next_kernel < 2; next_kernel++) {
		g_autoptr(GPtrArray) list = features(plan, next_kernel);

		for (guint i = 0; i + 1 < list->len; i++)
			lu_needs_feature(needs, list->pdata[i]);
	}
	lu_checkpoint_needs(plan, needs);
	lu_needs_program(needs, "mke2fs");
	lu_next_kernel_needs(plan, needs);
	needs->store = lu_carry_store(plan);
	needs->store_mb = given ? given : store_mb;
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
	json_t *args =
		json_pack("{s:s, s:b}", "kind", lu_carry_store(run->plan), "format", (int)format);

	return lu_run_call(run, "store.open", args, NULL, error);
}

bool lu_carry_open(struct lu_run *run, GError **error)
{
	lu_run_step(run, "load modules");
	if (!load_modules(run, false, error))
		return false;
	lu_run_step(run, "make the store and open it");
	return mount_store(run, true, error);
}

bool lu_carry_close(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "store.close", NULL, NULL, error);
}

bool lu_carry_arm(struct lu_run *run, GError **error)
{
	lu_run_step(run, "arm the network lock");
	return lu_run_call(run, "net.lock", json_pack("{s:b}", "arm", 1), NULL, error);
}

bool lu_carry_disarm(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error);
}

bool lu_carry_hold(struct lu_run *run, GError **error)
{
	return lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error);
}

bool lu_carry_take_back(struct lu_run *run, GError **error)
{
	return lu_bringup_data_release(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_checkpoint_discard(run, error);
}

bool lu_carry_bring_up(struct lu_run *run, GError **error)
{
	return load_modules(run, true, error) && mount_store(run, false, error) &&
	       lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_bringup_net(run->guest, true, run->deadline_ns, error);
}

bool lu_carry_finish(struct lu_run *run, GError **error)
{
	lu_run_step(run, "free the checkpoint");
	if (!lu_checkpoint_discard(run, error) || !lu_carry_close(run, error))
		return false;
	lu_run_step(run, "load modules");
	return load_modules(run, false, error);
}
