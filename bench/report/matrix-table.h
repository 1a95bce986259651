/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as a table for people. */
#pragma once
#include <jansson.h>
#include "bench/report/table.h"

/* Of one metric; a strategy a row, a workload a column. Cells name reasons by their numbers,
 * counted from 1 in reasons (char *), to which new ones are added: "refused: …". Caller frees. */
struct lu_table *lu_matrix_table(const json_t *matrix, const char *metric, GPtrArray *reasons);
