/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One update by one mechanism, as saved results of workload catalog tell it. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_mechanism { LU_BY_HOTSWAP, LU_BY_LIVEPATCH, LU_BY_RELOAD, LU_BY_KEXEC, LU_MECHANISMS };
const char *lu_mechanism_name(enum lu_mechanism mechanism);
/* The strategy that a trial of it is a run of. */
const char *lu_mechanism_strategy(enum lu_mechanism mechanism);
/* Is there a way back, tried by a run whose last step before the switch is made to fail? */
bool lu_mechanism_goes_back(enum lu_mechanism mechanism);

/* From the best to the worst. */
enum lu_carried {
	LU_NOT_TRIED,
	LU_CARRIED,	 /* new behaviour, old state */
	LU_CARRIED_LOST, /* new behaviour, on new state */
	LU_NOT_CARRIED,	 /* the kernel refused it, or it is there without effect */
	LU_BROKE,	 /* the kernel warned, died or hung */
};
const char *lu_carried_name(enum lu_carried carried);

enum lu_undone { LU_UNDONE_UNKNOWN, LU_UNDONE_NO, LU_UNDONE_YES };

struct lu_update_cell {
	enum lu_carried carried;
	unsigned lines;	 /* of code that only this mechanism takes */
	int64_t took_ns; /* callers waited, a transition lasted, or the component was away; -1 */
	/* Was the old version had back with the state, or never left? */
	enum lu_undone undone;
	char *why; /* not carried or broke: one line; else NULL */
};

void lu_update_cell_clear(struct lu_update_cell *cell);

/* What a result is of: false when it is no trial of an update. *back: of the way back. */
bool lu_update_cell_find(const json_t *result, enum lu_mechanism *mechanism, bool *back);
/* Add what that trial tells: of several the worst counts. */
void lu_update_cell_add(struct lu_update_cell *cell, enum lu_mechanism mechanism, bool back,
			const json_t *result);
