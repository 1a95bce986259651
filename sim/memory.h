/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory figures of the simulated guest and host. */
#pragma once
#include "sim/state.h"

/* What the service holds, by the plan. */
uint64_t sim_state_bytes(const struct sim *sim);
/* What the kernel uses with all that is in it. */
int64_t sim_guest_used(const struct sim *sim);
/* Work the figures out anew. */
void sim_update_memory(struct sim *sim);
/* Put them into the timeline. */
void sim_sample(struct sim *sim);
