/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The null distributions of rank tests. */
#include "record/rank-test.h"
#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/* Above these the normal distribution is as good. */
#define MAX_EXACT_PAIRS 10000
#define MAX_EXACT_SIGNS 150

/* With the correction for whole numbers. */
static double normal_p(double at_most, double mean, double variance)
{
	return gsl_cdf_gaussian_P(at_most + 0.5 - mean, sqrt(variance));
}

/* The number of ways to get each sum: the coefficients of a Gaussian binomial, a factor
 * (1 - x^(nb + i)) / (1 - x^i) for each i up to na. */
static void count_rank_sums(double *ways, size_t na, size_t nb)
{
	size_t most = na * nb;

	ways[0] = 1;
	for (size_t i = 1; i <= na; i++) {
		for (size_t k = most + 1; k-- > nb + i;)
			ways[k] -= ways[k - nb - i];
		for (size_t k = i; k <= most; k++)
			ways[k] += ways[k - i];
	}
}

static double sum_to(const double *terms, size_t last)
{
	double sum = 0;

	for (size_t k = 0; k <= last; k++)
		sum += terms[k];
	return sum;
}

double lu_rank_sum_p(size_t na, size_t nb, double u)
{
	double a = (double)na, b = (double)nb;

	if (u < 0)
		return 0;
	if (u >= a * b)
		return 1;
	if (na * nb > MAX_EXACT_PAIRS)
		return normal_p(floor(u), a * b / 2, a * b * (a + b + 1) / 12);
	g_autofree double *ways = g_new0(double, na *nb + 1);

	count_rank_sums(ways, na, nb);
	return sum_to(ways, (size_t)u) / exp(gsl_sf_lnchoose((unsigned)(na + nb), (unsigned)na));
}

double lu_signed_rank_p(size_t n, double w)
{
	size_t most = n * (n + 1) / 2;
	double m = (double)n;

	if (w < 0)
		return 0;
	if (w >= (double)most)
		return 1;
	if (n > MAX_EXACT_SIGNS)
		return normal_p(floor(w), m * (m + 1) / 4, m * (m + 1) * (2 * m + 1) / 24);
	g_autofree double *p = g_new0(double, most + 1);

	/* Each rank is in the sum or not. */
	p[0] = 1;
	for (size_t rank = 1; rank <= n; rank++)
		for (size_t k = most + 1; k-- > 0;)
			p[k] = (p[k] + (k >= rank ? p[k - rank] : 0)) / 2;
	return sum_to(p, (size_t)w);
}
