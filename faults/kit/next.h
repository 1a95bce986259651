/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of the next release, which are made before it starts. */
#pragma once
#include "model/fault.h"

/* Where a strategy starts it: in PREPARE in a second machine, else in SWITCH. */
extern const char *const lu_fault_next_edges[];
/* LU_ERROR_USAGE: no next kernel is booted in that phase, or not with words of ours on its command
 * line. For a fault's check(). */
bool lu_fault_next_takes_words(const struct lu_plan *plan, GError **error);
/* LU_ERROR_USAGE: none is booted in that phase, or it needs no module for its network. */
bool lu_fault_next_has_net(const struct lu_plan *plan, GError **error);
