/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a strategy made of a fault, from the saved result of a run with it. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* Of several runs the last of these counts that one of them shows. */
enum lu_coping {
	LU_COPING_NONE,	       /* nothing to break there, or not tried */
	LU_COPING_WENT_ON,     /* the upgrade is ok and every oracle passed all the same */
	LU_COPING_ROLLED_BACK, /* failed or refused, and the service goes on unharmed */
	LU_COPING_TOLD,	       /* failed, and said so and why; the service is lost with it */
	LU_COPING_HARMED,      /* failed before SWITCH on a machine that lives, and not unharmed */
	LU_COPING_UNNOTICED,   /* an oracle failed though all is well by the upgrade's own account,
				* or a client was given a wrong reply */
	LU_COPINGS
};
/* In words for tables: "rolled back", "UNNOTICED". */
const char *lu_coping_name(enum lu_coping coping);
/* For programs: "rolled-back". */
const char *lu_coping_key(enum lu_coping coping);

struct lu_fault_cell {
	enum lu_coping coping;
	char *why;   /* one line; NULL: nothing to add */
	char *phase; /* in which it failed; NULL: none */
	char *run;   /* ID of the run that it is from; NULL: none */
};

/* Add a run's result, which has a fault. */
void lu_fault_cell_add(struct lu_fault_cell *cell, const json_t *result);
void lu_fault_cell_clear(struct lu_fault_cell *cell);
