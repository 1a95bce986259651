/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of a checkpoint: on the machine whose store holds it, by the agent's verbs. */
#pragma once
#include "model/fault.h"

/* Where `lubench faults` tries them: room runs out before the dump or the rounds ahead of it, images
 * break once they are written, and what a restore needs in the phase before it. */
extern const char *const lu_fault_before_dump[], *const lu_fault_after_dump[],
							 *const lu_fault_before_restore[];

/* LU_ERROR_USAGE: the plan's strategy makes none. For a fault's check(). */
bool lu_fault_has_checkpoint(const struct lu_plan *plan, GError **error);
/* The same, and nothing of the service is left between that phase and the restore. */
bool lu_fault_can_restore(const struct lu_plan *plan, GError **error);
/* Call a verb {how, seed} of the agent there, after that phase, and note what it says it has broken:
 * "fault". LU_FAULT_NOT_MADE: there is nothing to break. The agent goes on as if nothing had happened. */
bool lu_fault_break(struct lu_run *run, const struct lu_phase *phase, const char *verb,
		    const char *how, GError **error);
