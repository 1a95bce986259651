/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault: something that is broken on purpose in one phase of an upgrade, to see what the strategy
 * makes of it. A fault is a file faults/NAME.c, which defines lu_fault_NAME (- becomes _) and is
 * found by being there; its name is the scenario's fault.kind. The engine calls it at the edges of
 * the first phase of the kind that the scenario names (fault.phase).
 */
#pragma once
#include "model/strategy.h"

struct lu_fault {
	const char *name;
	const char *summary; /* what happens, for people: goes on from "after the phase" */
	bool ends_machine;   /* nobody can roll back after it */
	/* Kinds of phases after which `lubench faults` tries it: "PRESERVE"; ends with NULL. */
	const char *const *edges;
	/* Optional. Does the plan have what it breaks? The plan's needs are resolved. LU_ERROR_USAGE
	 * says what would be right. */
	bool (*check)(const struct lu_plan *plan, GError **error);
	/* Optional. What breaks has to be made beforehand: called after the strategy's own needs(). */
	void (*needs)(const struct lu_plan *plan, struct lu_needs *needs);
	/* Optional. Before the phase's body, which is left out when this fails. */
	bool (*before)(struct lu_run *run, const struct lu_phase *phase, GError **error);
	/* Optional. After a body that succeeded: when this fails, so has the phase. */
	bool (*after)(struct lu_run *run, const struct lu_phase *phase, GError **error);
	/* Optional. After the last phase, or before the first undo: what the world outside mends by
	 * itself. Only if the fault has happened. */
	void (*lift)(struct lu_run *run);
};

extern const struct lu_fault *const lu_faults[]; /* ends with NULL; generated */
/* How the reason of a run begins in which there was nothing to break after all. */
#define LU_FAULT_NOT_MADE "the fault could not be made: "
/* Their names, in the same order. Ends with NULL. */
extern const char *const lu_fault_kinds[];

/* NULL when there is none of that name. */
const struct lu_fault *lu_fault_find(const char *name);
