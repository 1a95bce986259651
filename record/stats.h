/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of repeated runs, on GSL. All take unsorted data and do not modify it. */
#pragma once
#include <stddef.h>

/* NAN of none. */
double lu_stats_median(const double *x, size_t n);
double lu_stats_quantile(const double *x, size_t n, double q);
/* Percentile bootstrap interval of the median: exactly what infinitely many resamples would give, so
 * no chance is in it. Both ends are medians that a resample may have. NAN of none. */
void lu_stats_median_ci(const double *x, size_t n, double confidence, double *low, double *high);
