/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The services of one run, for people. */
#pragma once
#include <jansson.h>
#include <stdio.h>

/* A line for each with its blackout and losses, and for one that works with what was taken from it;
 * nothing for a run with one service. */
void lu_summary_services(FILE *out, const json_t *result);
/* The verdicts on all but the first, whose oracles are the run's. */
void lu_summary_service_oracles(FILE *out, const json_t *result,
				void (*print)(FILE *out, const json_t *oracles, const char *title));
