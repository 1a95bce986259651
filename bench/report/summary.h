/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result for people. */
#pragma once
#include <jansson.h>
#include <stdio.h>
#include "record/timeline.h"

/* The whole summary: outcome, versions, blackout,
 * phases, oracles. timeline and path may be NULL. */
void lu_summary_print(FILE *out, const json_t *result, const struct lu_timeline *timeline,
		      const char *path);
/* One line: outcome, blackout, losses, what went wrong. */
void lu_summary_line(FILE *out, const json_t *result);
/* The same without the run's name, for a line that has it already. */
void lu_summary_short(FILE *out, const json_t *result);
