/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the plan's network can carry its client's load. */
#pragma once
#include "model/plan.h"

/* LU_ERROR_USAGE when a connection needs more than it can carry, with what would be allowed.
 * Without a network there is no bound. */
bool lu_plan_network_carries(const struct lu_plan *plan, GError **error);
