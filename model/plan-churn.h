/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a plan's churn can be carried out. */
#pragma once
#include "model/plan.h"

/* LU_ERROR_USAGE: the workload takes no passing connections, or there may be too many at once. True
 * without churn. */
bool lu_plan_churns(const struct lu_plan *plan, GError **error);
