/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of repeated runs, on GSL. All take unsorted data and do not modify it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

double lu_stats_median(const double *x, size_t n);
double lu_stats_quantile(const double *x, size_t n, double q);
/* Percentile bootstrap interval of the median (seeded, so that it is reproducible). */
void lu_stats_median_ci(const double *x, size_t n, double confidence, uint64_t seed, double *low,
			double *high);
/* Two-sided p of a permutation test on the difference of medians
 * (Firecracker's A/B test, seeded). */
double lu_stats_permutation_p(const double *a, size_t na, const double *b, size_t nb,
			      unsigned rounds, uint64_t seed);
