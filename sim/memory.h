/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory figures of the simulated guest and host. */
#pragma once
#include "sim/state.h"

/* Size of the service's state by the plan, bytes. */
uint64_t sim_state_bytes(const struct sim *sim);
/* Guest memory in use: kernel, service and everything else, bytes. */
int64_t sim_guest_used(const struct sim *sim);
/* Size of the open checkpoint store as the kernel counts it, bytes; of one in memory all that the
 * machine has to give. */
int64_t sim_store_total(const struct sim *sim);
/* What can be written into it yet. */
int64_t sim_store_free(const struct sim *sim);
/* Update the figures. */
void sim_update_memory(struct sim *sim);
/* Stamp them into the timeline. */
void sim_sample(struct sim *sim);
