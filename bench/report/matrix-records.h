/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as records for programs. */
#pragma once
#include <jansson.h>
#include "bench/report/document.h"

/* One table: a row for each cell and metric, in the results' own units. */
struct lu_document *lu_matrix_records(const json_t *matrix);
