/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of repeated runs, on GSL. */
#include <glib.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include "record/stats.h"

double lu_stats_quantile(const double *x, size_t n, double q)
{
	if (n == 0)
		return NAN;
	g_autofree double *sorted = g_memdup2(x, n * sizeof(*x));

	gsl_sort(sorted, 1, n);
	return gsl_stats_quantile_from_sorted_data(sorted, 1, n, q);
}

double lu_stats_median(const double *x, size_t n)
{
	return lu_stats_quantile(x, n, 0.5);
}
