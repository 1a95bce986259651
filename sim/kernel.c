/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/kernel.h"
#include "model/workload.h"
#include "sim/memory.h"
#include "sim/seats.h"
#include "sim/service.h"

#define NS_PER_S INT64_C(1000000000)

/* Releases named by position get names that sort by age. */
const char *sim_release(struct sim *sim, enum lu_release release)
{
	const char *name = lu_plan_kernel(sim->plan, release == LU_RELEASE_NEW);

	if (!g_strcmp0(name, "previous"))
		return "6.1.0-1-sim";
	return !name || g_str_equal(name, "newest") ? "6.1.0-2-sim" : name;
}

enum lu_release sim_role(const struct sim *sim, enum lu_release role)
{
	return sim->turned ? LU_RELEASE_OLD + LU_RELEASE_NEW - role : role;
}

void sim_hello(struct sim *sim)
{
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "hello", sim->boots - 1,
			json_pack("{s:s, s:s}", "kernel", sim_release(sim, sim->kernel.release),
				  "arch", sim->plan->machine->arch));
	g_string_printf(sim->console, "Linux %s: agent started",
			sim_release(sim, sim->kernel.release));
}

void sim_set_clocks(const struct sim *sim, struct sim_kernel *kernel)
{
	kernel->zero_ns = sim->now_ns;
	kernel->wall_ns = -(sim->now_ns % NS_PER_S);
}

void sim_start_kernel(struct sim *sim, enum lu_release release)
{
	sim->kernel.up = true;
	sim->kernel.blank = sim->disk.saved && sim->plan->workload->component;
	sim->kernel.release = release;
	sim_set_clocks(sim, &sim->kernel);
	sim->boots++;
	sim_hello(sim);
	sim_update_memory(sim);
}

void sim_forget_service(struct sim *sim)
{
	if (sim->kernel.saved)
		sim->plan->workload->model->free(sim->kernel.saved);
	sim->kernel.saved = NULL;
	sim->kernel.service = SIM_NONE;
	sim->kernel.locked = sim->kernel.time_namespace = false;
	sim->kernel.ahead_ns = 0;
}

void sim_stop_kernel(struct sim *sim)
{
	GHashTable *modules = sim->kernel.modules;

	sim_each_seat(sim, sim_forget_service);
	g_hash_table_remove_all(modules);
	sim->kernel = (struct sim_kernel){.modules = modules, .release = sim->kernel.release};
}

static void damage(struct sim *sim, void *service)
{
	if (service && sim->damage && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(service, sim->damage);
}

/* A file that was not written back before. */
static void lose_saved(struct sim *sim)
{
	if (sim->disk.saved)
		sim->plan->workload->model->free(sim->disk.saved);
	sim->disk.saved = NULL;
	sim->disk.contents = false;
}

/* A checkpoint on a disk that was unmounted. */
static bool is_kept(const struct sim *sim)
{
	return sim->store.image && !g_strcmp0(sim->store.kind, "disk") && !sim->kernel.store;
}

static void lose_service(struct sim *sim)
{
	bool kept = is_kept(sim);

	sim->seats[sim->at].kept = kept;
	damage(sim, kept ? sim->service : sim->disk.saved);
	if (kept)
		sim->disk.unheld = sim->kernel.data == SIM_DATA_OPEN;
	else
		sim_end_service(sim);
}

static void lose_checkpoint(struct sim *sim)
{
	bool kept = sim->seats[sim->at].kept;

	if (!kept)
		sim->store = (struct sim_store){.kind = sim->store.kind};
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, !kept, sim->now_ns);
}

static bool has_kept(const struct sim *sim)
{
	for (unsigned i = 0; i < sim->n_seats; i++)
		if (sim->seats[i].kept)
			return true;
	return false;
}

void sim_die(struct sim *sim, const char *last_words)
{
	if (sim->kernel.data == SIM_DATA_OPEN)
		sim_each_seat(sim, lose_saved);
	sim_each_seat(sim, lose_service);
	sim_stop_kernel(sim);
	sim->machine = SIM_DEAD;
	g_string_assign(sim->console, last_words);
	sim_each_seat(sim, lose_checkpoint);
	if (!has_kept(sim))
		sim->store.kind = NULL;
	sim_update_memory(sim);
}
