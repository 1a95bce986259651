/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second machine, whatever it is there for: its time, its memory, and its place. */
#pragma once
#include "sim/state.h"

/* The work is the host's or the standby's: it goes on while the machine stands still. A hung one
 * never answers to a move. */
bool sim_standby_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
		       GError **error);
/* Its own, and its part of the host's: what it has been sent, and the service once it is there. */
void sim_standby_update_memory(struct sim *sim);
/* From here to the next call everybody who looks at the running machine sees the standby. */
void sim_standby_look_there(struct sim *sim);
/* The standby's kernel runs in the place of the old machine's. */
void sim_standby_flip(struct sim *sim);
/* There is no second machine any more. */
void sim_standby_clear(struct sim *sim);
