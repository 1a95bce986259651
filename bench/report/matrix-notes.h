/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes to a matrix (bench/report/matrix.h). */
#pragma once
#include <jansson.h>
#include "bench/report/document.h"

/* The number of oracles that passed, and each that failed or was waived, with its evidence. */
void lu_matrix_add_verdicts(struct lu_document *document, const json_t *matrix);
/* The meaning of those signs that appear in cells, and what the numbers do not show. */
void lu_matrix_add_caveats(struct lu_document *document, const json_t *matrix);
