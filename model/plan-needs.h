/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strategy's answers about a plan before anything is booted. */
#pragma once
#include "model/plan.h"

/* Sets plan->needs, and plan->refusal if the strategy refuses the plan, which is complete otherwise;
 * what was there is freed. The plans of its other services get the same needs. */
void lu_plan_resolve_needs(struct lu_plan *plan);
/* Can the plan's strategy carry its kind of update? LU_ERROR_REFUSED. */
bool lu_plan_carried(const struct lu_plan *plan, GError **error);
