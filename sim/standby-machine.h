/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second machine, whatever its purpose: time, memory and switch-over. */
#pragma once
#include "sim/state.h"

/* Let cost_ns pass. The host or the standby does the work, so it continues while the machine is
 * stopped. A standby that hangs never completes a migration. */
bool sim_standby_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
		       GError **error);
/* Update the memory of the standby, and its part of the host's. */
void sim_standby_update_memory(struct sim *sim);
/* Let the standby stand in for the running machine; a second call ends that. */
void sim_standby_look_there(struct sim *sim);
/* The standby's kernel becomes the running machine's. */
void sim_standby_flip(struct sim *sim);
/* Discard the second machine. */
void sim_standby_clear(struct sim *sim);
