/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of repeated runs, on GSL. All take unsorted data and do not modify it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* NAN of none. */
double lu_stats_median(const double *x, size_t n);
double lu_stats_quantile(const double *x, size_t n, double q);
/* Percentile bootstrap interval of the median: exactly what infinitely many resamples would give, so
 * no chance is in it. Both ends are medians that a resample may have. NAN of none. */
void lu_stats_median_ci(const double *x, size_t n, double confidence, double *low, double *high);
/*
 * Two-sided p of a permutation test on the difference of medians (Firecracker's A/B test). Exact
 * when there are few enough ways to split the values, up to eight against eight. Else by shuffles,
 * seeded: until chance can no more move p by a twentieth of itself, or p is certainly far below
 * 0.01, or 10000 are done. NAN when a side is empty.
 */
double lu_stats_permutation_p(const double *a, size_t na, const double *b, size_t nb,
			      uint64_t seed);
