/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as a matrix: rows are strategies, columns workloads. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * {"metrics": [name…], "baseline": label or null, "columns": [label…], "rows": [{"label", "cells":
 * [cell or null for what was not run, …]}]}. A cell is {"runs", "good", "repeated_seeds", "suspect_left_out", "outcomes": {name: runs},
 * "metrics": {name: {"n", "median", "ci_low", "ci_high", "min", "max", …, "ratio", "p"}},
 * "floor_ns", "oracles": {name: {"verdict", "evidence"}}, "reasons": [{"outcome", "phase",
 * "reason", "runs"}], "ids"}.
 *
 * Metrics are over good runs, with_suspect or without. An oracle's verdict is the worst of all
 * runs. ratio and p compare with the baseline's row (a label or an unambiguous beginning of one),
 * or, without a baseline, with the column's least median that is not 0. Rows are sorted by the
 * median of their cells' first metric, those without any come last. LU_ERROR_USAGE: no such
 * baseline. New reference.
 */
json_t *lu_matrix_new(const json_t *results, const char *const *metrics, const char *baseline,
		      bool with_suspect, GError **error);
