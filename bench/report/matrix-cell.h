/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cell of a matrix (bench/report/matrix.h): what runs of one plan came to. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

/* Of a group (bench/report/group.h); metrics ends with NULL. Without "ratio" and "p", which need
 * the other rows. New reference. */
json_t *lu_matrix_cell_new(const json_t *group, const char *const *metrics);

/* "ok", "refused", … when all runs ended so; "oracle failed" when one that was ok
 * failed one; else "mixed". */
const char *lu_matrix_outcome(const json_t *cell);
/* How many oracles have that verdict. */
unsigned lu_matrix_oracles(const json_t *cell, const char *verdict);
/* Of a metric of a cell: its factor may be chance (permutation test on medians, p ≥ 0.05). */
bool lu_matrix_may_be_chance(const json_t *stats);
