/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order statistics of times in whole nanoseconds; private to the metrics. (Runs are
 * compared with record/stats.h.) */
#pragma once
#include <glib.h>
#include <stdint.h>

void lu_sort_ns(GArray *values); /* of int64_t */
/* Nearest rank in a sorted array: a latency that occurred, never an interpolated
 * one; 0 when it is empty. */
int64_t lu_quantile_ns(const GArray *sorted, double q);
/* Index of the first value above t; the length when there is none. */
guint lu_first_above_ns(const GArray *sorted, int64_t t);
