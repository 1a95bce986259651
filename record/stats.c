/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of repeated runs, on GSL. */
#include <glib.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>
#include "record/stats.h"

/* Enough for the interval's bounds to be stable to a few per mille, and still
 * fast for tens of runs. */
#define BOOTSTRAP_ROUNDS 10000

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

static gsl_rng *seeded(uint64_t seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, seed);
	return rng;
}

void lu_stats_median_ci(const double *x, size_t n, double confidence, uint64_t seed, double *low,
			double *high)
{
	*low = *high = NAN;
	if (n == 0)
		return;
	g_autofree double *medians = g_new(double, BOOTSTRAP_ROUNDS);
	g_autofree double *sample = g_new(double, n);
	gsl_rng *rng = seeded(seed);

	for (size_t i = 0; i < BOOTSTRAP_ROUNDS; i++) {
		gsl_ran_sample(rng, sample, n, (void *)x, n, sizeof(*x));
		medians[i] = gsl_stats_median(sample, 1, n);
	}
	gsl_rng_free(rng);
	*low = lu_stats_quantile(medians, BOOTSTRAP_ROUNDS, (1 - confidence) / 2);
	*high = lu_stats_quantile(medians, BOOTSTRAP_ROUNDS, (1 + confidence) / 2);
}

static double median_difference(const double *both, size_t na, size_t nb)
{
	return fabs(lu_stats_median(both, na) - lu_stats_median(both + na, nb));
}

double lu_stats_permutation_p(const double *a, size_t na, const double *b, size_t nb,
			      unsigned rounds, uint64_t seed)
{
	if (na == 0 || nb == 0)
		return NAN;
	g_autofree double *both = g_new(double, na + nb);
	gsl_rng *rng = seeded(seed);
	unsigned as_far = 0;

	memcpy(both, a, na * sizeof(*a));
	memcpy(both + na, b, nb * sizeof(*b));
	double observed = median_difference(both, na, nb);

	for (unsigned i = 0; i < rounds; i++) {
		gsl_ran_shuffle(rng, both, na + nb, sizeof(*both));
		/* Rounding of equal medians must not count as smaller. */
		as_far += median_difference(both, na, nb) >= observed * (1 - 1e-12);
	}
	gsl_rng_free(rng);
	/* The observed labelling is one of the permutations: p is never 0. */
	return (as_far + 1.0) / (rounds + 1.0);
}
