/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as a table for people. */
#pragma once
#include <jansson.h>
#include "bench/report/table.h"

/* Table of one metric: rows are strategies, columns workloads. Cells refer to reasons by number,
 * from 1, in reasons (char *), to which new ones are added: "refused: …". Caller frees. */
struct lu_table *lu_matrix_table(const json_t *matrix, const char *metric, GPtrArray *reasons);
