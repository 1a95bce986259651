/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cell of a matrix (bench/report/matrix.h): the runs of one plan. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

/* From a group (bench/report/group.h); metrics ends with NULL. Without "ratio" and "p", which need
 * the other rows. New reference. */
json_t *lu_matrix_cell_new(const json_t *group, const char *const *metrics);

/* "ok", "refused", … when all runs have that outcome; "oracle failed" when an oracle failed in a
 * run that was ok; else "mixed". */
const char *lu_matrix_outcome(const json_t *cell);
/* Number of oracles with that verdict. */
unsigned lu_matrix_oracles(const json_t *cell, const char *verdict);
/* May the factor of a metric in a cell be chance (rank test, p ≥ 0.05)? */
bool lu_matrix_may_be_chance(const json_t *stats);
