/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying the service over a kexec in a checkpoint store that outlives the old kernel, for
 * strategies that do: what the two kernels need for it, and the phases around the checkpoint
 * (strategies/kit/checkpoint.h) and the jump (strategies/kit/next-kernel.h). Functions with a run
 * are phases.
 */
#pragma once
#include "model/strategy.h"

/* Parameters of a strategy that does, beside those of the two files above. */
#define LU_PARAMS_CARRY                                                                            \
	{"store",                                                                                  \
	 LU_PARAM_CHOICE,                                                                          \
	 "auto",                                                                                   \
	 0,                                                                                        \
	 0,                                                                                        \
	 lu_carry_stores,                                                                          \
	 "where the checkpoint outlives the old kernel"},                                          \
		{"store_mb",                                                                       \
		 LU_PARAM_INT,                                                                     \
		 "0",                                                                              \
		 0,                                                                                \
		 65536,                                                                            \
		 NULL,                                                                             \
		 "size of the store in MB, 0: from the workload's state"},                         \
	{                                                                                          \
		"kdat", LU_PARAM_CHOICE, "pinned", 0, 0, lu_carry_kdats,                           \
			"CRIU's probe results for the next kernel: made beforehand, or probed "    \
			"during the blackout"                                                      \
	}
extern const char *const lu_carry_stores[], *const lu_carry_kdats[];

/* Whether service, store and next kernel can be had on this machine; else the error says why. */
bool lu_carry_check(const struct lu_plan *plan, GError **error);
/* What the store is on: one of the machine's own words, for a plan that has passed the check. */
const char *lu_carry_store(const struct lu_plan *plan);
/* Modules, programs, store (of that size, unless the plan gives one) and next kernel. */
void lu_carry_needs(const struct lu_plan *plan, unsigned store_mb, struct lu_needs *needs);

/* Load what the store and CRIU need, make a file system on the store and open it; and undo. */
bool lu_carry_open(struct lu_run *run, GError **error);
bool lu_carry_close(struct lu_run *run, GError **error);
/* Attach the network lock ahead of its use, which takes longest; and undo. */
bool lu_carry_arm(struct lu_run *run, GError **error);
bool lu_carry_disarm(struct lu_run *run, GError **error);
/* After the dump: keep the data disk as the next kernel has to find it; and undo dump and that. */
bool lu_carry_hold(struct lu_run *run, GError **error);
bool lu_carry_take_back(struct lu_run *run, GError **error);
/* On the next kernel: modules, store, data disk and network, locked. Claims "modules.*_ns". */
bool lu_carry_bring_up(struct lu_run *run, GError **error);
/* Free the checkpoint, close the store, and load what the next checkpoint will need. */
bool lu_carry_finish(struct lu_run *run, GError **error);
