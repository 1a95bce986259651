/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's interruptions, for people: a part of the summary of a result. */
#pragma once
#include <jansson.h>
#include <stdio.h>
#include "record/timeline.h"

/* A line with their number and sum, and the one at the switch-over; nothing without any. */
void lu_summary_interruptions(FILE *out, const json_t *metrics);
/* What the blackout consists of, and where several interruptions there are the longest of them, each
 * with the steps of the upgrade that it lies in. timeline, for their time after the trigger, may be
 * NULL. */
void lu_summary_gaps(FILE *out, const json_t *metrics, const struct lu_timeline *timeline);
