/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of one kernel resource in an upgrade by one strategy, from saved results of workload
 * probe. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* Of several runs the last of these counts that one of them shows. */
enum lu_fate {
	LU_FATE_NOT_TRIED,     /* no run, or none that came as far as the upgrade */
	LU_FATE_NONE,	       /* the resource, or the strategy, is not to be had there */
	LU_FATE_SURVIVED,      /* exactly what it was */
	LU_FATE_REFUSED,       /* with a reason, and the service went on unharmed */
	LU_FATE_LOST_TOLD,     /* the upgrade failed, and said so; or said so beforehand */
	LU_FATE_HARMED,	       /* refused or failed before SWITCH, and not unharmed */
	LU_FATE_LOST_SILENTLY, /* the upgrade was ok by its own account */
	LU_FATES
};
/* In words for tables: "survived", "lost, told", "LOST SILENTLY". */
const char *lu_fate_name(enum lu_fate fate);
/* For programs: "lost-silently". */
const char *lu_fate_key(enum lu_fate fate);

struct lu_survive_cell {
	enum lu_fate fate;
	char *why;   /* one line; NULL: nothing to add */
	char *phase; /* in which it was refused or failed; NULL: none */
	char *run;   /* ID of the run that it is from; NULL: none */
};

void lu_survive_cell_clear(struct lu_survive_cell *cell);
/* Add a run's result. Of a run with several resources only what each of them was in the end counts:
 * what it was refused for may have been any. state: what the probe said in it, an element of the result's
 * environment.workload.probes; NULL: it was never asked. */
void lu_survive_cell_add(struct lu_survive_cell *cell, const json_t *result, const json_t *state);
