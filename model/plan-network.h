/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the plan's network carry what its client asks for? */
#pragma once
#include "model/plan.h"

/* LU_ERROR_USAGE when a connection is asked for more than it carries, with what would be right.
 * Without a network there is no bound. */
bool lu_plan_network_carries(const struct lu_plan *plan, GError **error);
