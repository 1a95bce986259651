/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as a document. */
#pragma once
#include <jansson.h>
#include "bench/report/document.h"

/* A table for each metric, then reasons, verdicts and caveats. */
struct lu_document *lu_matrix_document(const json_t *matrix);
