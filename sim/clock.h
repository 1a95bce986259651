/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual time: what a step costs, and what happens meanwhile. */
#pragma once
#include "sim/state.h"

/* Cost of a step with a seeded jitter of up to 2 %. */
int64_t sim_cost(struct sim *sim, const char *step);
/* Has every whole step that was asked for had a cost? LU_ERROR_UNSUPPORTED names it, once. */
bool sim_costed(struct sim *sim, GError **error);
/* Let time pass with all that happens in it. */
void sim_advance(struct sim *sim, int64_t ns);
/* true, or the error that the call should end with: the machine is off, dead or stands still. */
bool sim_alive(struct sim *sim, const char *what, GError **error);
/* Let cost pass; past the deadline it is LU_ERROR_TIMEOUT, after an injected failure that. */
bool sim_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
	       GError **error);
/* A test wants this step to fail: the error is set. */
bool sim_injected(struct sim *sim, const char *what, GError **error);
