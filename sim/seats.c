/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/seats.h"
#include "model/workload.h"
#include "record/error.h"

void sim_seats_new(struct sim *sim)
{
	sim->n_seats = lu_plan_services(sim->plan);
	for (unsigned i = 0; i < sim->n_seats; i++) {
		struct sim_seat *seat = &sim->seats[i];

		seat->sim = sim;
		seat->number = i;
		seat->plan = lu_plan_service(sim->plan, i);
	}
}

static void store(const struct sim *sim, struct sim_seat *seat)
{
	const struct sim_kernel *kernel = &sim->kernel;

	seat->service = sim->service;
	seat->peer = sim->peer;
	seat->store = sim->store;
	seat->state = kernel->service;
	seat->saved = kernel->saved;
	seat->disk_service = sim->disk.service;
	seat->disk_saved = sim->disk.saved;
	seat->ahead_ns = kernel->ahead_ns;
	seat->time_namespace = kernel->time_namespace;
	seat->locked = kernel->locked;
}

static void load(struct sim *sim, const struct sim_seat *seat)
{
	struct sim_kernel *kernel = &sim->kernel;
	const char *kind = sim->store.kind;
	bool full = sim->store.full;

	sim->plan = seat->plan;
	sim->service = seat->service;
	sim->peer = seat->peer;
	sim->store = seat->store;
	sim->store.kind = kind; /* there is one store */
	sim->store.full = full;
	kernel->service = seat->state;
	kernel->saved = seat->saved;
	sim->disk.service = seat->disk_service;
	sim->disk.saved = seat->disk_saved;
	kernel->ahead_ns = seat->ahead_ns;
	kernel->time_namespace = seat->time_namespace;
	kernel->locked = seat->locked;
}

unsigned sim_look_at(struct sim *sim, unsigned seat)
{
	unsigned before = sim->at;

	if (seat == before)
		return before;
	store(sim, &sim->seats[before]);
	load(sim, &sim->seats[seat]);
	sim->at = seat;
	return before;
}

int sim_seat_of(const struct sim *sim, const char *service, GError **error)
{
	for (unsigned i = 0; *service && i < sim->n_seats; i++)
		if (!g_strcmp0(sim->seats[i].plan->service, service))
			return (int)i;
	if (!*service)
		return 0;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "service: the plan has none called '%s'",
		    service);
	return -1;
}

void sim_each_seat(struct sim *sim, void (*one)(struct sim *sim))
{
	unsigned before = sim->at;

	for (unsigned i = 0; i < sim->n_seats; i++) {
		sim_look_at(sim, i);
		one(sim);
	}
	sim_look_at(sim, before);
}

struct lu_peer *sim_peer_of(const struct sim *sim, unsigned seat)
{
	return seat == sim->at ? sim->peer : sim->seats[seat].peer;
}

enum sim_service sim_state_of(const struct sim *sim, unsigned seat)
{
	return seat == sim->at ? sim->kernel.service : sim->seats[seat].state;
}

bool sim_locked_of(const struct sim *sim, unsigned seat)
{
	return seat == sim->at ? sim->kernel.locked : sim->seats[seat].locked;
}

int64_t sim_state_of_all(const struct sim *sim)
{
	int64_t bytes = 0;

	for (unsigned i = 0; i < sim->n_seats; i++) {
		const struct lu_plan *plan = sim->seats[i].plan;
		const void *saved = i == sim->at ? sim->kernel.saved : sim->seats[i].saved;
		int64_t state = (int64_t)plan->workload->state_bytes(plan->workload_params);

		bytes += sim_state_of(sim, i) == SIM_NONE ? 0 : state;
		bytes += saved ? state : 0;
	}
	return bytes;
}

int64_t sim_store_used(const struct sim *sim)
{
	int64_t bytes = sim->store.bytes;

	for (unsigned i = 0; i < sim->n_seats; i++)
		bytes += i == sim->at ? 0 : sim->seats[i].store.bytes;
	return bytes;
}
