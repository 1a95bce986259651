/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on the measurement, for people. */
#pragma once
#include <jansson.h>
#include <stdio.h>

/* A line, and two below it for each reason: what is suspect in figures, and what to do. */
void lu_validity_print(FILE *out, const json_t *result);
/* " suspect (saturated, client-late)", within a line; nothing of a run that is not. */
void lu_validity_print_short(FILE *out, const json_t *result);
