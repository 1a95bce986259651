/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/standby-machine.h"
#include <inttypes.h>
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/memory.h"
#include "sim/seats.h"

/* The host or the standby does the work, so it continues while the machine is stopped. A standby
 * that hangs never completes a migration. */
bool sim_standby_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
		       GError **error)
{
	bool apart = sim->standby.boots || sim->standby.image;

	if (!sim_costed(sim, error))
		return false;
	if ((!sim->hung || apart) && cost_ns <= timeout_ns) {
		sim_advance(sim, cost_ns);
		return !sim_injected(sim, what, error);
	}
	sim_advance(sim, timeout_ns);
	g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "%s: not done within %" PRId64 " ms", what,
		    timeout_ns / 1000000);
	return false;
}

/* Memory of the standby, and its part of the host's: the bytes sent to it, and the service once it
 * has been restored. */
void sim_standby_update_memory(struct sim *sim)
{
	struct sim_standby *standby = &sim->standby;

	if (standby->boots && standby->there)
		standby->memory =
			sim->costs->kernel_used_bytes + standby->store.bytes +
			(standby->kernel.service == SIM_NONE ? 0 : (int64_t)sim_state_bytes(sim));
	sim_update_memory(sim);
}

/* From here to the next call the standby stands in for the running machine. */
void sim_standby_look_there(struct sim *sim)
{
	struct sim_standby *standby = &sim->standby;
	struct sim_kernel kernel = sim->kernel;
	struct sim_store store = sim->store;

	sim->kernel = standby->kernel;
	sim->store = standby->store;
	standby->kernel = kernel;
	standby->store = store;
}

/* Of several services the standby has none yet: they are in the store, if anywhere. */
static void leave_behind(struct sim *sim)
{
	const struct lu_service_model *model = sim->plan->workload->model;

	if (sim->at == 0)
		return;
	if (sim->damage && model->damage)
		model->damage(sim->service, sim->damage);
	sim_forget_service(sim);
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, false, sim->now_ns);
}

/* The old machine's sockets are gone with it; those that the standby has restored replace them. If
 * the old machine hangs, it does so behind a closed gate. */
void sim_standby_flip(struct sim *sim)
{
	const struct lu_service_model *model = sim->plan->workload->model;

	sim_standby_look_there(sim);
	sim->standby.there = false;
	sim->standby.old = true;
	sim->machine = SIM_ON;
	sim->hung = false;
	sim->disk.unheld |= sim->standby.kernel.data == SIM_DATA_OPEN;
	if (sim->damage && model->damage)
		model->damage(sim->service, sim->damage);
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, false, sim->now_ns);
	if (sim->peer && sim->kernel.service != SIM_NONE)
		lu_peer_sockets_restored(sim->peer);
	sim_each_seat(sim, leave_behind);
	sim->boots++;
	sim_hello(sim);
	sim_update_memory(sim);
}

void sim_standby_clear(struct sim *sim)
{
	g_clear_pointer(&sim->standby.kernel.modules, g_hash_table_unref);
	sim->standby = (struct sim_standby){};
}
