/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of the network: up, down, lock, unlock, and the nudge of peers. */
#include "record/error.h"
#include "sim/seats.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool check_net(struct sim *sim, const json_t *args, GError **error)
{
	return sim_has(sim, "net", LU_ERROR_UNSUPPORTED, error);
}

static void lock(struct sim *sim)
{
	sim->kernel.locked = true;
}

static void unlock(struct sim *sim)
{
	sim->kernel.locked = false;
}

/* Of one service its port only. */
static void lock_or_unlock(struct sim *sim, const json_t *args, void (*one)(struct sim *sim))
{
	if (*sim_text(args, "service"))
		one(sim);
	else
		sim_each_seat(sim, one);
}

static void net_up(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.net = true;
	lock_or_unlock(sim, args, sim_flag(args, "locked") ? lock : unlock);
}

static void net_down(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.net = false;
	lock_or_unlock(sim, args, unlock);
}

static void net_lock(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (!sim_flag(args, "arm"))
		lock_or_unlock(sim, args, lock);
}

static void net_unlock(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	lock_or_unlock(sim, args, unlock);
}

static bool check_nudge(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.net || sim->kernel.service == SIM_NONE)
		return sim_fail(error, LU_ERROR_FAILED,
				"no service whose connections could be nudged");
	return true;
}

static void nudge(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	unsigned sockets = sim->peer ? lu_peer_nudge(sim->peer, sim->now_ns) : 0;

	if (sim_flag(args, "thaw"))
		sim_thaw(sim);
	json_object_set_new(reply, "sockets", json_integer(sockets));
	sim_put_ns(reply, "nudge_ns", cost_ns);
}

const struct lu_sim_verbs lu_sim_verbs_net = {
	.verbs =
		{
			{"net.up", check_net, .apply = net_up},
			{"net.down", .apply = net_down},
			{"net.lock", .apply = net_lock},
			{"net.unlock", .apply = net_unlock},
			{"net.nudge", check_nudge, .apply = nudge},
			{},
		},
};
