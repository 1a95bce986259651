/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be said of a matrix (bench/report/matrix.h) beside its tables. */
#pragma once
#include <jansson.h>
#include "bench/report/document.h"

/* How many oracles passed, and each that failed or was waived, with its evidence. */
void lu_matrix_add_verdicts(struct lu_document *document, const json_t *matrix);
/* How to read the signs in the cells, as far as they appear, and what the numbers do not show. */
void lu_matrix_add_caveats(struct lu_document *document, const json_t *matrix);
