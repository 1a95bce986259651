/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs of the replication to a standby. Some are the running machine's, some the standby's
 * (sim/standby.c lets those see the standby's kernel and store in the places of the running one's).
 */
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/memory.h"
#include "sim/service.h"
#include "sim/verb.h"

/* Each request dirties a page. */
#define DIRTY_BYTES 4096

/* There is a replication network only when the strategy asked for one. */
static bool check_link(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->plan->needs->replication)
		return sim_fail(error, LU_ERROR_UNSUPPORTED,
				"link.up: no interface of the replication network");
	return sim_has(sim, "net", LU_ERROR_UNSUPPORTED, error);
}

static void link_up(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.link = true;
}

static void link_down(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.link = false;
}

static void pages_small(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.small_pages = true;
	json_object_set_new(reply, "split", json_true());
	sim_put_ns(reply, "split_ns", cost_ns);
}

static void pages_huge(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.small_pages = false;
}

static bool check_rehearse(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return sim_fail(error, LU_ERROR_REFUSED, "replica.rehearse: no store is open");
	return sim_has(sim, "criu", LU_ERROR_REFUSED, error);
}

static void rehearsed(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_put_ns(reply, "rehearse_ns", cost_ns);
}

static bool check_serve(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.link)
		return sim_fail(error, LU_ERROR_USAGE,
				"replica.serve: no replication network (link.up)");
	return sim->kernel.store ||
	       sim_fail(error, LU_ERROR_REFUSED, "replica.serve: the store is not open");
}

static void serve(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.serving = true;
	json_object_set_new(reply, "address", json_string("10.0.3.2"));
}

static bool check_ready(struct sim *sim, const json_t *args, GError **error)
{
	if (sim->kernel.ready || sim->kernel.service != SIM_NONE)
		return sim_fail(error, LU_ERROR_USAGE,
				"replica.ready: called before, or a service runs already");
	return sim_has(sim, "criu-restore", LU_ERROR_REFUSED, NULL) ||
	       sim_has(sim, "criu", LU_ERROR_REFUSED, error);
}

static void ready(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.ready = true;
}

/* Preconditions of a pre-copy round and of the last step. */
static bool check_source(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return sim_fail(error, LU_ERROR_REFUSED, "replica: the store is not open");
	if (sim->kernel.service == SIM_NONE)
		return sim_fail(error, LU_ERROR_REFUSED, "replica: no service runs");
	if (sim->kernel.armed)
		return sim_fail(error, LU_ERROR_REFUSED, "replica: another one is running");
	if (!sim->kernel.link || !*sim_text(args, "to") || !sim->standby.kernel.serving)
		return sim_fail(error, LU_ERROR_FAILED, "replica: the standby does not answer");
	return sim_has(sim, "criu", LU_ERROR_REFUSED, error);
}

/* All memory, then what was dirtied since the previous round began. */
static int64_t cost_round(struct sim *sim, const json_t *args)
{
	struct sim_standby *standby = &sim->standby;
	int64_t state = (int64_t)sim_state_bytes(sim), since = sim->now_ns - standby->round_ns;
	double dirty = sim->plan->rate_hz * DIRTY_BYTES * (double)since / 1e9;

	standby->round_bytes = standby->store.rounds ? MIN(state, (int64_t)dirty) : state;
	standby->round_ns = sim->now_ns;
	return sim_cost(sim, "replica.precopy") +
	       (int64_t)((double)sim_cost(sim, "replica.precopy:state") *
			 (double)standby->round_bytes / (double)MAX(state, 1));
}

static void round_done(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	struct sim_standby *standby = &sim->standby;

	standby->store.rounds++;
	standby->store.bytes += standby->round_bytes;
	standby->store.unsealed = true;
	json_object_set_new(reply, "bytes", json_integer(standby->round_bytes));
	sim_put_ns(reply, "round_ns", cost_ns);
}

static void arm(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.armed = true;
}

static bool check_dump(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.armed || sim->kernel.held)
		return sim_fail(error, LU_ERROR_REFUSED,
				"replica.dump: nothing is armed (replica.arm)");
	if (sim_flag(args, "tcp") && sim->kernel.net && !sim->kernel.locked)
		return sim_fail(error, LU_ERROR_REFUSED,
				"replica.dump: the network is not locked (net.lock)");
	if (sim->standby.store.full)
		return sim_fail(error, LU_ERROR_REFUSED,
				"replica.dump: criu: Error (criu/page-xfer.c): No space left on "
				"device");
	return sim_dumpable(sim, error);
}

static void dump_begin(struct sim *sim, const json_t *args)
{
	sim->standby.store.service = sim->kernel.service;
	sim->kernel.service = SIM_STOPPED;
}

static void dump_failed(struct sim *sim)
{
	if (sim->standby.store.service == SIM_RUNNING)
		sim_thaw(sim);
}

static void dump(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.held = true;
	sim->standby.store.image = true;
	sim->standby.store.unsealed = true;
	sim->standby.store.monotonic_ns = sim_service_monotonic(sim);
	sim->standby.store.stale = false;
	if (sim->peer)
		lu_peer_sockets_saved(sim->peer);
	sim_put_ns(reply, "dump_ns", cost_ns * 9 / 10);
	sim_put_ns(reply, "send_ns", cost_ns / 10);
}

static void release(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.armed = sim->kernel.held = false;
	sim->standby.store.image = false;
	sim->standby.store.rounds = 0;
}

static bool check_restore(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.ready)
		return sim_fail(error, LU_ERROR_REFUSED,
				"replica.restore: nothing is ready (replica.ready)");
	if (!sim->store.image)
		return sim_fail(error, LU_ERROR_REFUSED, "replica.restore: there is no checkpoint");
	return sim_restorable(sim, sim_flag(args, "buildid"), error);
}

static void restore(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.ready = false;
	sim_restore_service(sim, args);
	sim_put_ns(reply, "restore_ns", cost_ns);
}

const struct lu_sim_verbs lu_sim_verbs_replica = {
	.verbs =
		{
			{"link.up", check_link, .apply = link_up},
			{"link.down", .apply = link_down},
			{"pages.small", .apply = pages_small},
			{"pages.huge", .apply = pages_huge},
			{"replica.rehearse", check_rehearse, .apply = rehearsed},
			{"replica.serve", check_serve, .apply = serve},
			{"replica.ready", check_ready, .apply = ready},
			{"replica.precopy", check_source, cost_round, .apply = round_done},
			{"replica.arm", check_source, .apply = arm},
			{"replica.dump", check_dump, .begin = dump_begin, .apply = dump,
			 .failed = dump_failed},
			{"replica.release", .apply = release},
			{"replica.restore", check_restore, .apply = restore},
			{},
		},
};
