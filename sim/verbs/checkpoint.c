/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of checkpoints: the store, and CRIU's dump and restore. */
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/memory.h"
#include "sim/seats.h"
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

static void empty_store(struct sim *sim)
{
	sim->store = (struct sim_store){.kind = sim->store.kind};
}

static void store_open(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim_flag(args, "format")) {
		sim_each_seat(sim, empty_store);
		sim->store.kind = g_intern_string(sim_text(args, "kind"));
	}
	sim->kernel.store = true;
}

static void store_close(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.store = false;
}

/* What that writes into the store: of a parent only what is dirty again. */
static int64_t written(struct sim *sim, const json_t *args)
{
	return (int64_t)sim_state_bytes(sim) / (sim_flag(args, "parent") ? 10 : 1);
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
	if (written(sim, args) > sim_store_free(sim))
		return sim_fail(error, LU_ERROR_REFUSED,
				"checkpoint: criu: Error (criu/page-xfer.c): No space left on "
				"device");
	/* a pre-dump reads memory only */
	return sim_flag(args, "predump") || sim_dumpable(sim, error);
}

/* Each request dirties a page. */
#define DIRTY_BYTES 4096

/* All memory, then what was dirtied since the round before began. */
static int64_t round_bytes(struct sim *sim, bool parent)
{
	int64_t state = (int64_t)sim_state_bytes(sim), since = sim->now_ns - sim->store.round_ns;
	double dirty = sim->plan->rate_hz * DIRTY_BYTES * (double)since / 1e9;

	sim->store.round_ns = sim->now_ns;
	return parent ? MIN(state, (int64_t)dirty) : state;
}

static bool check_sleepers(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return sim_fail(error, LU_ERROR_REFUSED,
				"checkpoint.sleepers: the store is not open");
	if (sim->kernel.service == SIM_NONE)
		return sim_fail(error, LU_ERROR_REFUSED, "checkpoint.sleepers: no service runs");
	return sim_has(sim, "criu", LU_ERROR_REFUSED, error);
}

static int64_t window_ns(const json_t *args)
{
	return json_integer_value(json_object_get(args, "window_ms")) * LU_SIM_MS;
}

/* Its one process sleeps so long only if requests are further apart. */
static bool asleep(struct sim *sim, const json_t *args)
{
	return sim->plan->rate_hz * (double)window_ns(args) < 1e9;
}

static int64_t cost_sleepers(struct sim *sim, const json_t *args)
{
	sim->store.round_bytes = asleep(sim, args) ? round_bytes(sim, false) : 0;
	return window_ns(args) + sim_cost(sim, "checkpoint.sleepers") +
	       (asleep(sim, args) ? sim_cost(sim, "checkpoint:predump") : 0);
}

static void sleepers(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	bool one = sim->store.round_bytes > 0;

	sim->store.rounds += one;
	sim->store.bytes += sim->store.round_bytes;
	sim->store.unsealed = true;
	json_object_update_new(reply,
			       json_pack("{s:i, s:i, s:i, s:I}", "tasks", 1, "asleep", one, "trees",
					 one, "written_bytes", (json_int_t)sim->store.round_bytes));
	sim_put_ns(reply, "sleepers_ns", cost_ns);
}

static int64_t cost_checkpoint(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");

	sim->store.round_bytes = round_bytes(sim, sim_flag(args, "parent"));
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

	sim->store.bytes += written(sim, args);
	sim->store.unsealed = true;
	json_object_set_new(reply, "bytes", json_integer(sim_store_used(sim)));
	json_object_set_new(reply, "written_bytes", json_integer(sim->store.round_bytes));
	sim_put_ns(reply, "checkpoint_ns", cost_ns);
	if (predump) {
		sim->store.rounds++;
		return;
	}
	sim_put_ns(reply, "frozen_ns", cost_ns * 9 / 10);
	sim->store.image = true;
	sim->store.monotonic_ns = sim_service_monotonic(sim);
	sim->store.stale = false;
	if (sim->peer)
		lu_peer_sockets_saved(sim->peer);
}

static void discard(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	empty_store(sim);
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
	return sim_restorable(sim, sim_flag(args, "buildid"), error) && has_lock(sim, args, error);
}

static bool later(const json_t *args)
{
	const char *memory = sim_text(args, "memory");

	return *memory && !g_str_equal(memory, "eager");
}

/* Memory that is copied later costs nothing here but the program that will do it. */
static int64_t cost_restore(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");
	int64_t all = sim_cost(sim, "restore") + (disk ? sim_cost(sim, "restore:disk") : 0);

	if (!later(args))
		return all;
	return lu_sim_cost_ns(sim->costs, "restore", 0) + sim_cost(sim, "restore:lazy");
}

static void restore(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.later = later(args);
	sim_restore_service(sim, args);
	sim_put_ns(reply, "restore_ns", cost_ns);
}

static bool check_discard(struct sim *sim, const json_t *args, GError **error)
{
	return !sim->store.later || sim->kernel.service == SIM_NONE ||
	       sim_fail(error, LU_ERROR_FAILED,
			"checkpoint.discard: the service still needs its memory from there");
}

static int64_t cost_wait(struct sim *sim, const json_t *args)
{
	return sim->store.later ? sim_cost(sim, "memory.wait") : 0;
}

static void waited(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.later = false;
	sim_put_ns(reply, "wait_ns", cost_ns);
}

/* Estimates, as those of a machine's file: a byte costs more when it is fetched on demand. */
static const struct lu_sim_cost costs[] = {
	{"restore:lazy", .fixed_ns = 120 * LU_SIM_MS},
	{"checkpoint.sleepers", .fixed_ns = 5 * LU_SIM_MS},
	{"memory.wait", .fixed_ns = 10 * LU_SIM_MS, .state_ns = 8},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_checkpoint = {
	.costs = costs,
	.verbs =
		{
			{"store.open", check_store_open, cost_store_open, .apply = store_open},
			{"store.close", .apply = store_close},
			{"checkpoint", check_checkpoint, cost_checkpoint, checkpoint_begin,
			 checkpoint, checkpoint_failed},
			{"checkpoint.sleepers", check_sleepers, cost_sleepers, .apply = sleepers},
			{"checkpoint.discard", check_discard, .apply = discard},
			{"memory.wait", .cost = cost_wait, .apply = waited},
			{"restore", check_restore, cost_restore, .apply = restore},
			{},
		},
};
