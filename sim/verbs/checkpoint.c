/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of checkpoints: the store, and CRIU's dump and restore. */
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/memory.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool check_store_open(struct sim *sim, const json_t *args, GError **error)
{
	const char *kind = sim_text(args, "kind");

	/* tmpfs is always available and needs no module */
	if (!g_str_equal(kind, "ram") && (!sim_offered(sim->plan->machine->stores, kind, error) ||
					  !sim_has(sim, g_str_equal(kind, "disk") ? "block" : kind,
						   LU_ERROR_UNSUPPORTED, error) ||
					  !sim_has(sim, "ext4", LU_ERROR_FAILED, error)))
		return false;
	if (sim->kernel.store)
		return sim_fail(error, LU_ERROR_USAGE, "store.open: it is open already");
	if (!sim_flag(args, "format") && g_strcmp0(sim->store.kind, kind))
		return sim_fail(error, LU_ERROR_FAILED, "no file system on the store");
	return true;
}

static int64_t cost_store_open(struct sim *sim, const json_t *args)
{
	bool format = sim_flag(args, "format") && !g_str_equal(sim_text(args, "kind"), "ram");

	return sim_cost(sim, "store.open") + (format ? sim_cost(sim, "store.open:format") : 0);
}

static void store_open(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim_flag(args, "format"))
		sim->store = (struct sim_store){.kind = g_intern_string(sim_text(args, "kind"))};
	sim->kernel.store = true;
}

static void store_close(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.store = false;
}

static bool check_checkpoint(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return sim_fail(error, LU_ERROR_REFUSED, "checkpoint: the store is not open");
	if (sim->kernel.service == SIM_NONE)
		return sim_fail(error, LU_ERROR_REFUSED, "checkpoint: no service runs");
	if (!sim_has(sim, "criu", LU_ERROR_REFUSED, error))
		return false;
	if (sim_flag(args, "parent") && !sim->store.rounds)
		return sim_fail(error, LU_ERROR_REFUSED,
				"checkpoint: there is no parent checkpoint");
	if (sim_flag(args, "tcp") && !sim_flag(args, "predump") && sim->kernel.net &&
	    !sim->kernel.locked)
		return sim_fail(error, LU_ERROR_REFUSED,
				"checkpoint: the network is up and not locked");
	/* a pre-dump reads memory only */
	return sim_flag(args, "predump") || sim_dumpable(sim, error);
}

static int64_t cost_checkpoint(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");

	if (sim_flag(args, "parent"))
		return sim_cost(sim, "checkpoint:delta");
	return sim_cost(sim, sim_flag(args, "predump") ? "checkpoint:predump" : "checkpoint") +
	       (disk ? sim_cost(sim, "checkpoint:disk") : 0);
}

/* A dump freezes the service from its beginning. A pre-dump freezes it, too, but too briefly to
 * matter here. */
static void checkpoint_begin(struct sim *sim, const json_t *args)
{
	if (sim_flag(args, "predump"))
		return;
	sim->store.service = sim->kernel.service;
	sim->kernel.service = SIM_STOPPED;
}

static void checkpoint_failed(struct sim *sim)
{
	if (sim->kernel.service == SIM_STOPPED && sim->store.service == SIM_RUNNING)
		sim->kernel.service = SIM_RUNNING;
}

static void checkpoint(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	bool predump = sim_flag(args, "predump");

	sim->store.bytes += (int64_t)sim_state_bytes(sim) / (sim_flag(args, "parent") ? 10 : 1);
	json_object_set_new(reply, "bytes", json_integer(sim->store.bytes));
	sim_put_ns(reply, "checkpoint_ns", cost_ns);
	if (predump) {
		sim->store.rounds++;
		return;
	}
	sim_put_ns(reply, "frozen_ns", cost_ns * 9 / 10);
	sim->store.image = true;
	sim->store.stale = false;
	if (sim->peer)
		lu_peer_sockets_saved(sim->peer);
}

static void discard(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store = (struct sim_store){.kind = sim->store.kind};
}

/* Modules that CRIU's own network lock needs from the
 * kernel, as its cached facts say that they are there. */
static bool has_lock(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim_flag(args, "nolock"))
		return sim_has(sim, "criu-restore", LU_ERROR_REFUSED, NULL) ||
		       sim_has(sim, "criu", LU_ERROR_REFUSED, error);
	return !sim->kernel.net || sim->kernel.locked ||
	       sim_fail(error, LU_ERROR_REFUSED, "restore: the network is not locked");
}

static bool check_restore(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store || !sim->store.image)
		return sim_fail(error, LU_ERROR_REFUSED, "restore: there is no checkpoint");
	return sim_restorable(sim, error) && has_lock(sim, args, error);
}

static int64_t cost_restore(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");

	return sim_cost(sim, "restore") + (disk ? sim_cost(sim, "restore:disk") : 0);
}

static void restore(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_restore_service(sim);
	sim_put_ns(reply, "restore_ns", cost_ns);
}

const struct lu_sim_verbs lu_sim_verbs_checkpoint = {
	.verbs =
		{
			{"store.open", check_store_open, cost_store_open, .apply = store_open},
			{"store.close", .apply = store_close},
			{"checkpoint", check_checkpoint, cost_checkpoint, checkpoint_begin,
			 checkpoint, checkpoint_failed},
			{"checkpoint.discard", .apply = discard},
			{"restore", check_restore, cost_restore, .apply = restore},
			{},
		},
};
