/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as text. */
#pragma once
#include <jansson.h>
#include <stdio.h>

/* A table a metric, what it is of, then reasons and verdicts. */
void lu_matrix_print_text(FILE *out, const json_t *matrix);
/* The same in Markdown. */
void lu_matrix_print_md(FILE *out, const json_t *matrix);
/* A line a cell and metric, with a header line; nothing is rounded (RFC 4180). */
void lu_matrix_print_csv(FILE *out, const json_t *matrix);
