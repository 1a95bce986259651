/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated guest: the interface of iface/guest.h on a virtual clock and a table of costs. */
#pragma once
#include "core/plan.h"
#include "iface/guest.h"

/* Never fails for a valid plan. Costs come from sim/costs/MACHINE (compiled in), scaled by the workload's state. */
struct lu_guest *lu_sim_new(const struct lu_plan *plan, struct lu_timeline *timeline, GError **error);
/* For tests: the next call of that verb fails with that error code and message; "" clears. */
void lu_sim_fail_verb(struct lu_guest *guest, const char *verb, int code, const char *message);
/* For tests: damage the service's state at the next jump (lu_service_model.damage). */
void lu_sim_damage_at_jump(struct lu_guest *guest, const char *kind);
