/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's kernel reports of swappable instances and of itself, after a swap. */
#pragma once
#include "model/strategy.h"

/*
 * *state (may be NULL) is the reply to swap.state. LU_ERROR_FAILED with the kernel's own words when
 * it has logged a warning since boot.
 */
bool lu_run_swap_state(struct lu_run *run, json_t **state, GError **error);
