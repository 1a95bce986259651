/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/memory.h"
#include "sim/seats.h"
#include "model/machine.h"
#include "model/strategy.h"
#include "model/workload.h"

#define MEBIBYTE INT64_C(1048576)
/* What ext4 leaves of a device for files: an estimate. */
#define FILE_SYSTEM_PERCENT 97

uint64_t sim_state_bytes(const struct sim *sim)
{
	return sim->plan->workload->state_bytes(sim->plan->workload_params);
}

int64_t sim_guest_used(const struct sim *sim)
{
	const struct sim_kernel *kernel = &sim->kernel;
	int64_t used = sim->costs->kernel_used_bytes;

	used += sim_state_of_all(sim);
	if (!kernel->saved && kernel->handover != SIM_ALONE)
		used += (int64_t)sim_state_bytes(sim);
	if (kernel->staged)
		used += sim->costs->release_bytes;
	if (kernel->loaded)
		used += sim->costs->release_bytes;
	return used;
}

int64_t sim_store_total(const struct sim *sim)
{
	const struct lu_plan *plan = sim->plan;
	int64_t mb = plan->memory_mb ? plan->memory_mb : plan->machine->memory_mb;

	if (g_strcmp0(sim->store.kind, "ram"))
		return (int64_t)plan->needs->store_mb * MEBIBYTE / 100 * FILE_SYSTEM_PERCENT;
	return (mb + plan->needs->spare_mb) * MEBIBYTE - sim_guest_used(sim) + sim_store_used(sim);
}

int64_t sim_store_free(const struct sim *sim)
{
	return sim->store.full ? 0 : MAX(sim_store_total(sim) - sim_store_used(sim), 0);
}

void sim_update_memory(struct sim *sim)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");
	bool exists = sim->machine == SIM_ON || sim->machine == SIM_PAUSED;
	bool second = sim->standby.there || sim->standby.old;
	struct lu_memory memory = {
		.guest_used_bytes = sim->kernel.up ? sim_guest_used(sim) : -1,
		.guest_store_bytes = sim->kernel.up && sim->kernel.store ? sim_store_used(sim) : 0,
		.host_qemu_bytes = exists ? sim->costs->host_base_bytes + sim_guest_used(sim) +
						    (disk ? 0 : sim_store_used(sim))
					  : 0,
		.host_files_bytes = disk ? sim_store_used(sim) : 0,
	};

	if (second)
		memory.host_other_bytes = sim->costs->host_base_bytes + sim->standby.memory;
	memory.host_qemu_bytes += memory.host_other_bytes;
	g_mutex_lock(&sim->lock);
	sim->memory = memory;
	g_mutex_unlock(&sim->lock);
}

/* The samples of a real guest's agent and of the
 * engine's sampler, taken at the same virtual time. */
void sim_sample(struct sim *sim)
{
	struct lu_memory *m = &sim->memory;

	sim_update_memory(sim);
	if (sim->kernel.up && sim->machine == SIM_ON)
		lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "memory", 0,
				json_pack("{s:I, s:I}", "used_bytes",
					  (json_int_t)m->guest_used_bytes, "store_bytes",
					  (json_int_t)m->guest_store_bytes));
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "host", "memory", 0,
			json_pack("{s:I, s:I, s:I}", "qemu_bytes", (json_int_t)m->host_qemu_bytes,
				  "other_bytes", (json_int_t)m->host_other_bytes, "files_bytes",
				  (json_int_t)m->host_files_bytes));
}
