/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users waited for, for people: a part of the summary of a result. */
#pragma once
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A metric in ns as "3.61 s", or "< 20 ms" when it is below the run's noise floor. old_bound_ns is
 * that of a 0 in results of versions that recorded none; -1: 0 is a value. Caller frees. */
char *lu_summary_time(const json_t *metrics, const char *name, int64_t old_bound_ns);
/* Lines on the worst connection, the longest wait and quantiles, by class where there are several. */
void lu_summary_waits(FILE *out, const json_t *metrics);
