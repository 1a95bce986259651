/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One update by one mechanism, from saved results of workload catalog. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_mechanism { LU_BY_HOTSWAP, LU_BY_LIVEPATCH, LU_BY_RELOAD, LU_BY_KEXEC, LU_MECHANISMS };
const char *lu_mechanism_name(enum lu_mechanism mechanism);
/* The strategy whose runs try this mechanism. */
const char *lu_mechanism_strategy(enum lu_mechanism mechanism);
/* Can the mechanism undo an update? It is tried by a
 * run whose last step before SWITCH is made to fail. */
bool lu_mechanism_goes_back(enum lu_mechanism mechanism);

/* Ordered from best to worst. */
enum lu_carried {
	LU_NOT_TRIED,
	LU_CARRIED,	 /* new behaviour, old state */
	LU_CARRIED_LOST, /* new behaviour, on new state */
	LU_NOT_CARRIED,	 /* the kernel refused it, or it had no effect */
	LU_BROKE,	 /* the kernel warned, died or hung */
};
const char *lu_carried_name(enum lu_carried carried);

enum lu_undone { LU_UNDONE_UNKNOWN, LU_UNDONE_NO, LU_UNDONE_YES };

struct lu_update_cell {
	enum lu_carried carried;
	unsigned lines; /* of code that only this mechanism needs */
	/* longest wait of a caller, duration of the transition or absence of the component; -1: none */
	int64_t took_ns;
	/* Was the old version restored with its state, or never left? */
	enum lu_undone undone;
	char *why; /* why it was not carried or broke, one line; else NULL */
};

void lu_update_cell_clear(struct lu_update_cell *cell);

/* Mechanism of a result; false when it is not a run
 * of an update. *back: it is a run of the undo. */
bool lu_update_cell_find(const json_t *result, enum lu_mechanism *mechanism, bool *back);
/* Add a run's result: of several runs the worst counts. */
void lu_update_cell_add(struct lu_update_cell *cell, enum lu_mechanism mechanism, bool back,
			const json_t *result);
