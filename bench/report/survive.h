/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survival matrix: kernel resources by ways of upgrading, made of saved results. */
#pragma once
#include <stdbool.h>
#include "bench/report/survive-cell.h"

/* A way of upgrading: what differs between the runs of columns is in its title. */
struct lu_survive_column {
	char *title; /* "kexec", "kexec, MACHINE", "kexec, to 6.12", "kexec, spoilt" */
	char *strategy, *machine, *to;
	bool spoilt; /* the resource was broken on purpose before it was verified */
};

struct lu_survive_row {
	char *name, *family, *title, *see; /* of the probe; family, title and see may be NULL */
	struct lu_survive_cell *cells;	   /* one a column */
};

struct lu_survive {
	GPtrArray *columns; /* struct lu_survive_column, in the order of the strategies' names */
	GPtrArray *rows;    /* struct lu_survive_row, in the order of the probes */
};

/* Of those results that are runs of workload probe; names (NULL-terminated, may be empty or NULL):
 * only these probes. */
struct lu_survive *lu_survive_new(const json_t *results, const char *const *names);
void lu_survive_free(struct lu_survive *survive);
/* How many cells of a column have that fate. */
unsigned lu_survive_count(const struct lu_survive *survive, guint column, enum lu_fate fate);
