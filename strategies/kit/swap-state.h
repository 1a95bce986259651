/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's kernel says of swappable instances and of itself, when all is done. */
#pragma once
#include "model/strategy.h"

/*
 * The reply to swap.state; *state may be asked for or not (NULL). LU_ERROR_FAILED with the kernel's
 * own words when it has complained since it was booted.
 */
bool lu_run_swap_state(struct lu_run *run, json_t **state, GError **error);
