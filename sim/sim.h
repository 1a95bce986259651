/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated guest: the interface of model/guest.h on a virtual clock and a table of costs. */
#pragma once
#include "model/plan.h"
#include "model/guest.h"

/* LU_ERROR_UNSUPPORTED when there are no costs for the plan's machine (its folder's costs.json), or
 * no model of its workload's service; LU_ERROR_USAGE when the costs are wrong (sim/costs.h). Two
 * guests of equal plans (seed included) behave the same to the nanosecond. */
struct lu_guest *lu_sim_new(const struct lu_plan *plan, struct lu_timeline *timeline,
			    GError **error);
/* For tests: the next call of that verb ("kexec.load", also "power_cycle", "stop", "cont") takes
 * its time, changes nothing and fails with that error code and message; verb "" clears. */
void lu_sim_fail_verb(struct lu_guest *guest, const char *verb, int code, const char *message);
/* For tests: damage the service's state at the next jump (lu_service_model.damage). */
void lu_sim_damage_at_jump(struct lu_guest *guest, const char *kind);
/* For tests: what an upgrade has left behind (store open, release staged, kernel loaded, network
 * locked, service not running), a static string; NULL: nothing. */
const char *lu_sim_left_over(struct lu_guest *guest);
