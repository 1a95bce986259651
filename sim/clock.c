/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/clock.h"
#include <inttypes.h>
#include <string.h>
#include "record/error.h"
#include "sim/memory.h"
#include "sim/seats.h"

#define JITTER 0.02

int64_t sim_cost(struct sim *sim, const char *step)
{
	int64_t mean = lu_sim_cost_ns(sim->costs, step, sim_state_bytes(sim));

	if (!strchr(step, ':') && !lu_sim_costs_have(sim->costs, step))
		sim->uncosted = g_intern_string(step);
	return mean + (int64_t)((double)mean * g_rand_double_range(sim->random, -JITTER, JITTER));
}

static int64_t next_event(const struct sim *sim)
{
	int64_t next = sim->sample_ns ? sim->next_sample_ns : INT64_MAX;

	for (unsigned i = 0; i < sim->n_seats; i++)
		if (sim_peer_of(sim, i))
			next = MIN(next, lu_peer_next(sim_peer_of(sim, i)));
	return next;
}

void sim_advance(struct sim *sim, int64_t ns)
{
	int64_t until = sim->now_ns + ns, next;

	while ((next = next_event(sim)) <= until) {
		sim->now_ns = MAX(sim->now_ns, next);
		if (sim->sample_ns && sim->next_sample_ns <= sim->now_ns) {
			sim_sample(sim);
			sim->next_sample_ns += sim->sample_ns;
		}
		for (unsigned i = 0; i < sim->n_seats; i++)
			if (sim_peer_of(sim, i))
				lu_peer_run(sim_peer_of(sim, i), sim->now_ns);
	}
	sim->now_ns = until;
}

void sim_pause(struct sim *sim)
{
	if (sim->machine != SIM_PAUSED)
		sim->paused_ns = sim->now_ns;
	sim->machine = SIM_PAUSED;
}

void sim_unpause(struct sim *sim)
{
	int64_t still_ns = sim->machine == SIM_PAUSED ? sim->now_ns - sim->paused_ns : 0;

	sim->kernel.zero_ns += still_ns;
	sim->kernel.wall_ns -= still_ns;
	sim->machine = SIM_ON;
}

int64_t sim_service_monotonic(const struct sim *sim)
{
	return sim->now_ns - sim->kernel.zero_ns + sim->kernel.ahead_ns;
}

bool sim_alive(struct sim *sim, const char *what, GError **error)
{
	if (sim->machine != SIM_DEAD && sim->machine != SIM_OFF)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: the guest %s; last console words: %s",
		    what, sim->machine == SIM_OFF ? "is off" : "died", sim->console->str);
	return false;
}

bool sim_injected(struct sim *sim, const char *what, GError **error)
{
	if (g_strcmp0(sim->fail_verb, what))
		return false;
	g_set_error_literal(error, LU_ERROR, sim->fail_code, sim->fail_message);
	g_clear_pointer(&sim->fail_verb, g_free);
	return true;
}

bool sim_costed(struct sim *sim, GError **error)
{
	if (!sim->uncosted)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "sim: machine %s: its costs.json has no step '%s'", sim->costs->machine,
		    sim->uncosted);
	sim->uncosted = NULL;
	return false;
}

bool sim_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
	       GError **error)
{
	if (!sim_costed(sim, error))
		return false;
	if (sim->machine == SIM_PAUSED || cost_ns > timeout_ns) {
		sim_advance(sim, timeout_ns);
		g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
			    "%s: no answer within %" PRId64 " ms", what, timeout_ns / 1000000);
		return false;
	}
	sim_advance(sim, cost_ns);
	return !sim_injected(sim, what, error);
}
