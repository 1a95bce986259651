/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The upgrades of one run, for people. */
#pragma once
#include <jansson.h>
#include <stdio.h>

/* A line for each, and what they left behind; nothing for a run of one. */
void lu_summary_cycles(FILE *out, const json_t *metrics);
