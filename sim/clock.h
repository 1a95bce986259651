/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual time: costs of steps, and the events that happen while time passes. */
#pragma once
#include "sim/state.h"

/* Cost of a step with a seeded jitter of up to 2 %. */
int64_t sim_cost(struct sim *sim, const char *step);
/* Has every step so far had a cost? LU_ERROR_UNSUPPORTED names one that has none, once. */
bool sim_costed(struct sim *sim, GError **error);
/* Let time pass, with all events in it. */
void sim_advance(struct sim *sim, int64_t ns);
/* Stop the machine; let it go on, its clocks behind by that time. */
void sim_pause(struct sim *sim);
void sim_unpause(struct sim *sim);
/* CLOCK_MONOTONIC as the service sees it. */
int64_t sim_service_monotonic(const struct sim *sim);
/* true, or false with the error of the call: the machine is off, dead or stopped. */
bool sim_alive(struct sim *sim, const char *what, GError **error);
/* Let cost_ns pass; LU_ERROR_TIMEOUT when the deadline
 * comes first, else the injected error, if any. */
bool sim_spend(struct sim *sim, const char *what, int64_t cost_ns, int64_t timeout_ns,
	       GError **error);
/* Has a test injected a failure of this step? Then the error is set. */
bool sim_injected(struct sim *sim, const char *what, GError **error);
