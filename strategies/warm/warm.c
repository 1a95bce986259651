/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warm: checkpoint to a disk, reboot through the firmware, start from the checkpoint: what outlives
 * the reboot is on a disk, so that nothing but its speed depends on what the firmware does.
 *
 * Mechanism: with state=criu the service is frozen behind a locked network and dumped by CRIU with
 * its TCP connections, to an ext4 disk that is unmounted before the power goes; the next release
 * restores it there and makes its peers retransmit (nudge). With state=app the service is asked to
 * end, saves its state to a file on its data disk by itself, and what its kernel component holds in
 * memory is saved beside it in the component's neutral form (as reload does with state=copy); the
 * next release loads both and starts the service. What that boot takes is a matter of switches, each
 * a parameter of its own (model/boot-switch.h): fast spares it, plain is as a system is shipped.
 * Assumes: for state=criu what kexec assumes; peers that wait as long as a firmware takes. For
 * state=app a service that saves its state to a file; connections are lost, so the oracles on them
 * are waived, and the service's end is part of SWITCH.
 * Blackout: begins when the service is stopped, ends when it continues and its peers have
 * retransmitted, or when it listens again and the clients have reconnected.
 */
#include "record/error.h"
#include "model/bringup.h"
#include "model/machine.h"
#include "model/workload.h"
#include "strategies/kit/boot-switches.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/next-kernel.h"
#include "strategies/kit/quiesce.h"
#include "strategies/kit/running.h"
#include "strategies/kit/staged.h"
#include "strategies/warm/app.h"

static const char *const states[] = {"criu", "app", NULL};
static const char *const kdats[] = {"pinned", "cold", NULL};

static const struct lu_param params[] = {
	{"state", LU_PARAM_CHOICE, "criu", 0, 0, states,
	 "how the service's state gets to the disk: by CRIU with its connections, or by itself"},
	LU_PARAM_PREDUMP,
	{"kdat", LU_PARAM_CHOICE, "pinned", 0, 0, kdats,
	 "state=criu: CRIU's probe results for the next kernel, made beforehand, or probed during "
	 "the blackout"},
	LU_PARAM_CRIU_LOCK,
	LU_PARAM_TIMENS,
	LU_PARAM_NUDGE,
	LU_PARAM_PREFLIGHT,
	LU_PARAM_STORE_MB,
	LU_PARAM_MANIFEST("on"),
	LU_PARAMS_BOOT_SWITCHES{},
};

static bool by_criu(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "state"), "criu");
}

static bool kdat_pinned(const struct lu_plan *plan)
{
	return g_str_equal(lu_param_str(plan->strategy_params, "kdat"), "pinned");
}

static bool check_criu(const struct lu_plan *plan, GError **error)
{
	return (!lu_param_int(plan->strategy_params, "predump") ||
		lu_checkpoint_tracks(plan, "predump", "predump=0", error)) &&
	       lu_bringup_movable(plan, error) &&
	       lu_kexec_offered("store", "disk", plan->machine->stores, plan->machine->name, error);
}

/* One file of state, and one way of saying that it has been read. */
static bool check_alone(const struct lu_plan *plan, GError **error)
{
	if (by_criu(plan) || !plan->service)
		return true;
	g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "state=app: several services cannot save their states by themselves "
			    "here; allowed: state=criu");
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	return lu_boot_switches_asked(plan, error) && check_alone(plan, error) &&
	       (by_criu(plan) ? check_criu(plan, error) : lu_warm_app_possible(plan, error));
}

static void add_feature(const struct lu_plan *plan, GPtrArray *list, const char *name)
{
	if (json_object_get(plan->machine->features, name))
		g_ptr_array_add(list, (gpointer)name);
}

/* As a system does that loads a driver for whatever it may have. */
static void add_all_features(const struct lu_plan *plan, GPtrArray *list)
{
	const char *name;
	json_t *modules;

	json_object_foreach(plan->machine->features, name, modules) if (json_array_size(modules))
		g_ptr_array_add(list, (gpointer)name);
}

/* Features to load before the service can answer on the next kernel. The caller frees the array. */
static GPtrArray *features_of_next(const struct lu_plan *plan)
{
	GPtrArray *list = g_ptr_array_new();

	if (lu_boot_switch_is_plain(plan, "modules")) {
		add_all_features(plan, list);
	} else {
		add_feature(plan, list, "net");
		add_feature(plan, list, "block");
		add_feature(plan, list, "ext4");
		if (by_criu(plan) && !kdat_pinned(plan))
			add_feature(plan, list, "criu");
		else if (by_criu(plan) && !lu_checkpoint_skips_lock(plan))
			add_feature(plan, list, "criu-restore");
	}
	g_ptr_array_add(list, NULL);
	return list;
}

/* What a dump takes, on either kernel. */
static GPtrArray *features_to_dump(const struct lu_plan *plan)
{
	GPtrArray *list = g_ptr_array_new();

	add_feature(plan, list, "block");
	add_feature(plan, list, "ext4");
	add_feature(plan, list, "nft");
	add_feature(plan, list, "criu");
	g_ptr_array_add(list, NULL);
	return list;
}

static void need_features(struct lu_needs *needs, const GPtrArray *list)
{
	for (guint i = 0; i + 1 < list->len; i++)
		lu_needs_feature(needs, list->pdata[i]);
}

static void needs_of_criu(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autoptr(GPtrArray) list = features_to_dump(plan);

	need_features(needs, list);
	lu_checkpoint_needs(plan, needs);
	lu_needs_program(needs, "mke2fs");
	needs->store = "disk";
	needs->store_mb = lu_checkpoint_store_mb(plan);
	needs->pin_kdat = kdat_pinned(plan);
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autoptr(GPtrArray) list = features_of_next(plan);

	need_features(needs, list);
	if (by_criu(plan))
		needs_of_criu(plan, needs);
	else
		lu_warm_app_needs(plan, needs);
	lu_boot_switches_needs(plan, needs);
}

static bool loses_connections(const struct lu_plan *plan)
{
	return !by_criu(plan);
}

static bool load(struct lu_run *run, const GPtrArray *list, json_t **reply, GError **error)
{
	return lu_bringup_modules(run->guest, (const char *const *)list->pdata, run->deadline_ns,
				  reply, error);
}

static bool mount_store(struct lu_run *run, bool format, GError **error)
{
	return lu_run_call(run, "store.open",
			   json_pack("{s:s, s:b}", "kind", "disk", "format", (int)format), NULL,
			   error);
}

static bool open_store(struct lu_run *run, GError **error)
{
	g_autoptr(GPtrArray) list = features_to_dump(run->plan);

	if (!by_criu(run->plan))
		return true;
	lu_run_step(run, "load modules");
	if (!load(run, list, NULL, error))
		return false;
	lu_run_step(run, "make the store and open it");
	return mount_store(run, true, error);
}

static bool close_store(struct lu_run *run, GError **error)
{
	return !by_criu(run->plan) || lu_run_call(run, "store.close", NULL, NULL, error);
}

static bool preflight(struct lu_run *run, GError **error)
{
	return by_criu(run->plan) ? lu_checkpoint_preflight(run, error)
				  : lu_warm_app_preflight(run, error);
}

static bool copy_ahead(struct lu_run *run, GError **error)
{
	if (!by_criu(run->plan))
		return true;
	if (!lu_checkpoint_ahead(run, error))
		return false;
	lu_run_step(run, "arm the network lock");
	return lu_run_call(run, "net.lock", json_pack("{s:b}", "arm", 1), NULL, error);
}

static bool undo_copy_ahead(struct lu_run *run, GError **error)
{
	return !by_criu(run->plan) || (lu_run_call(run, "net.unlock", NULL, NULL, error) &&
				       lu_checkpoint_discard(run, error));
}

static bool freeze(struct lu_run *run, GError **error)
{
	return by_criu(run->plan) ? lu_staged_criu_freeze(run, error) : lu_service_hold(run, error);
}

static bool thaw(struct lu_run *run, GError **error)
{
	return by_criu(run->plan) ? lu_staged_thaw(run, error) : lu_service_go_on(run, error);
}

static bool preserve(struct lu_run *run, GError **error)
{
	return !by_criu(run->plan) ||
	       (lu_staged_criu_save(run, error) &&
		lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error));
}

/* Images on a disk that is unmounted already stay there; the next store.open formats it. */
static bool take_back(struct lu_run *run, GError **error)
{
	return !by_criu(run->plan) ||
	       (lu_bringup_data_release(run->guest, run->plan, run->deadline_ns, error) &&
		lu_checkpoint_discard(run, error));
}

static bool end_service(struct lu_run *run, GError **error)
{
	return by_criu(run->plan) || lu_warm_app_save(run, error);
}

static bool power_cycle(struct lu_run *run, GError **error)
{
	return run->guest->ops->power_cycle(run->guest, LU_RELEASE_NEW, lu_run_left(run), error);
}

static bool bring_up(struct lu_run *run, GError **error)
{
	g_autoptr(GPtrArray) list = features_of_next(run->plan);
	json_auto_t *reply = NULL;

	if (!load(run, list, &reply, error))
		return false;
	lu_run_claims(run, "modules", reply);
	if (!by_criu(run->plan))
		return lu_warm_app_bring_up(run, error);
	return mount_store(run, false, error) &&
	       lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_bringup_net(run->guest, true, run->deadline_ns, error);
}

/* A service that loads its state may listen before it has it: no client is let in until it has. */
static bool start_from_it(struct lu_run *run, GError **error)
{
	return by_criu(run->plan)
		       ? lu_staged_criu_restore(run, error)
		       : lu_warm_app_start(run, error) &&
				 lu_bringup_net(run->guest, false, run->deadline_ns, error);
}

static bool resume(struct lu_run *run, GError **error)
{
	return by_criu(run->plan) ? lu_staged_criu_resume(run, error) : lu_service_runs(run, error);
}

static bool finish(struct lu_run *run, GError **error)
{
	g_autoptr(GPtrArray) list = features_to_dump(run->plan);

	if (!by_criu(run->plan))
		return true;
	lu_run_step(run, "free the checkpoint");
	if (!lu_checkpoint_discard(run, error) || !close_store(run, error))
		return false;
	lu_run_step(run, "load modules");
	return load(run, list, NULL, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "open the checkpoint store", open_store, close_store},
	{LU_PREPARE, "preflight", preflight},
	{LU_PREPARE, "configure the next boot", lu_boot_switches_configure, lu_boot_switches_reset},
	{LU_PREPARE, "pre-copy memory, arm the lock", copy_ahead, undo_copy_ahead},
	{LU_FREEZE, "freeze the service", freeze, thaw},
	{LU_PRESERVE, "checkpoint the service", preserve, take_back},
	/* What a power cycle finds on a disk is what was written back. */
	{LU_PRESERVE, "write the checkpoint back", close_store},
	{LU_SWITCH, "end the service", end_service},
	{LU_SWITCH, "power-cycle into the next release", power_cycle},
	{LU_RESTORE, "bring up devices", bring_up},
	{LU_RESTORE, "start from the checkpoint", start_from_it},
	{LU_RESUME, "resume the service", resume},
	{LU_FINISH, "free the checkpoint, prepare for the next one", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_warm = {
	.name = "warm",
	.summary = "checkpoint to a disk, reboot through the firmware, start from it",
	.params = params,
	.several = lu_staged_params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.loses_connections = loses_connections,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
