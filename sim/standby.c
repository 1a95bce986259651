/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated second machine: memory moves as core/precopy.h says. A standby that boots a kernel
 * of its own is not modelled.
 */
#include <inttypes.h>
#include "core/error.h"
#include "core/precopy.h"
#include "sim/state.h"

/* What a host moves at most, with nothing in the way: an estimate, bytes a second. */
#define COPY_BYTES_S 400e6
/* Each request dirties a page. */
#define DIRTY_BYTES 4096
/* QEMU goes on for ever; so many rounds of one that does not converge outlast any deadline. */
#define MAX_ROUNDS 100000

/* The work is the host's: it goes on while the machine stands still, but a hung one never answers.
 */
static bool spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
		  GError **error)
{
	if (!sim->hung && cost_ns <= timeout_ns) {
		sim_advance(sim, cost_ns);
		return !sim_injected(sim, what, error);
	}
	sim_advance(sim, timeout_ns);
	g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "%s: not done within %" PRId64 " ms", what,
		    timeout_ns / 1000000);
	return false;
}

static bool usage(GError **error, const char *what, const char *why)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", what, why);
	return false;
}

static bool unsupported(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "%s: the simulated guest has no standby with a kernel of its own", what);
	return false;
}

bool sim_standby_start(struct lu_guest *guest, enum lu_standby_kind kind, enum lu_release release,
		       int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);

	if (kind != LU_STANDBY_INCOMING)
		return unsupported(error, "standby.start");
	if (sim->standby.there || sim->standby.old)
		return usage(error, "standby.start", "there is one already");
	if (!sim_alive(sim, "standby.start", error) ||
	    !spend(sim, "standby.start", sim_cost(sim, "standby.start"), timeout_ns, error))
		return false;
	sim->standby = (struct sim_standby){.there = true};
	sim_update_memory(sim);
	return true;
}

bool sim_standby_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		      json_t **reply, GError **error)
{
	json_decref(args);
	return unsupported(error, verb);
}

static double bandwidth(const struct lu_move *move)
{
	return MIN((double)move->bandwidth, COPY_BYTES_S);
}

/* Time in which the machine runs, then time in which it does not. */
static struct lu_precopy rounds(struct sim *sim, const struct lu_move *move)
{
	const struct lu_precopy_config config = {
		.memory = (double)sim_guest_used(sim),
		.bandwidth = bandwidth(move),
		.dirty_rate = sim->plan->rate_hz * DIRTY_BYTES,
		.limit_ns = move->mode == LU_MOVE_PRECOPY ? move->downtime_limit_ns : 0,
		.throttle = move->auto_converge,
		.max_rounds = move->mode == LU_MOVE_PRECOPY ? MAX_ROUNDS : 1,
	};

	return lu_precopy_model(&config);
}

/* How long the copy takes; what it leaves goes into the standby. */
static int64_t plan_copy(struct sim *sim, const struct lu_move *move)
{
	const struct lu_precopy model = rounds(sim, move);
	int64_t setup_ns = sim_cost(sim, "standby.copy");

	sim->standby.move = *move;
	/* a file is written, then read */
	sim->standby.rest_ns = move->mode == LU_MOVE_FILE ? model.copy_ns : model.standstill_ns;
	if (move->mode == LU_MOVE_PRECOPY && !model.converged)
		return INT64_MAX;
	return setup_ns + model.copy_ns;
}

bool sim_standby_copy(struct lu_guest *guest, const struct lu_move *move, int64_t timeout_ns,
		      GError **error)
{
	struct sim *sim = SIM(guest);
	int64_t cost_ns;

	if (!sim->standby.there)
		return usage(error, "standby.copy", "there is none");
	if (move->mode == LU_MOVE_FILE && sim->machine == SIM_ON)
		return usage(error, "standby.copy", "the machine has to be stopped first");
	if (!sim_alive(sim, "standby.copy", error))
		return false;
	cost_ns = plan_copy(sim, move);
	if (!spend(sim, "standby.copy", cost_ns, timeout_ns, error))
		return false;
	sim->machine = SIM_PAUSED;
	sim->standby.copied = true;
	sim->standby.memory = sim_guest_used(sim);
	sim->standby.total_ns = cost_ns;
	sim_update_memory(sim);
	return true;
}

static void claim(struct sim *sim, const char *name, int64_t ns)
{
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
}

static void run_there(struct sim *sim)
{
	sim->machine = SIM_ON;
	sim->standby.there = false;
	sim->standby.old = true;
	sim_serve(sim);
}

bool sim_standby_switch(struct lu_guest *guest, int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);
	struct sim_standby *standby = &sim->standby;
	bool later = standby->move.mode == LU_MOVE_POSTCOPY;
	int64_t begin_ns = sim->now_ns, still_ns;

	if (!standby->there || !standby->copied)
		return usage(error, "standby.switch", "nothing has been copied");
	if (!sim_alive(sim, "standby.switch", error))
		return false;
	still_ns = sim_cost(sim, "standby.switch") + (later ? 0 : standby->rest_ns);
	if (!spend(sim, "standby.switch", still_ns, timeout_ns, error))
		return false;
	run_there(sim);
	if (later)
		sim_advance(sim, standby->rest_ns);
	claim(sim, "migrate.downtime_ns", still_ns);
	claim(sim, "migrate.total_ns", standby->total_ns + sim->now_ns - begin_ns);
	return true;
}

bool sim_standby_drop(struct lu_guest *guest, GError **error)
{
	struct sim *sim = SIM(guest);
	struct sim_standby *standby = &sim->standby;
	bool stopped = standby->there && standby->copied && standby->move.mode != LU_MOVE_FILE;

	if (!standby->there && !standby->old)
		return true;
	sim_advance(sim, sim_cost(sim, "standby.drop"));
	*standby = (struct sim_standby){};
	if (stopped && sim->machine == SIM_PAUSED && !sim->hung) {
		sim->machine = SIM_ON;
		sim_serve(sim);
	}
	sim_update_memory(sim);
	return !sim_injected(sim, "standby.drop", error);
}
