/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults by strategies, made of saved results. */
#pragma once
#include "bench/report/document.h"
#include "bench/report/fault-cell.h"

struct lu_faults_row {
	char *kind, *phase;
	struct lu_fault_cell *cells; /* one a column */
};

struct lu_faults {
	/* Names of strategies, sorted; with what differs: "kexec, no manifest". */
	GPtrArray *columns;
	GPtrArray *rows; /* struct lu_faults_row, by kind and phase */
};

/* Of those results that have a fault. */
struct lu_faults *lu_faults_new(const json_t *results);
void lu_faults_free(struct lu_faults *faults);

/* For people: the matrix, counts, and why each cell is what it is. */
struct lu_document *lu_faults_document(const struct lu_faults *faults);
/* For programs: one table, a row a cell. */
struct lu_document *lu_faults_records(const struct lu_faults *faults);
