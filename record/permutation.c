/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A permutation test on the difference of medians. The values are sorted once: a split is a choice
 * of ranks, and its medians are found by counting. */
#include <glib.h>
#include <gsl/gsl_combination.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "record/stats.h"

/* Splits that are all looked at: eight against eight. */
#define MAX_EXACT  12870
#define MAX_ROUNDS 10000
/* So many as far apart as observed, and p is known to a twentieth of itself. */
#define ENOUGH_AS_FAR 400
/* After so many rounds with hardly one as far apart, p is below 0.01 by any doubt. */
#define ENOUGH_ROUNDS 2000
#define HARDLY_ANY    4

struct test {
	double *sorted;
	size_t n, na;
	double observed;
};

/* The k-th and the next of one side, summed: twice its median. */
struct middle {
	size_t first, second; /* ranks within the side, from 0 */
	double sum;
};

static struct middle middle_of(size_t n)
{
	return (struct middle){(n - 1) / 2, n / 2, 0};
}

static void look(struct middle *middle, size_t rank, double value)
{
	middle->sum += rank == middle->first ? value : 0;
	middle->sum += rank == middle->second ? value : 0;
}

/* Twice the distance of the medians. in_a[i]: the i-th least value is one of a's. */
static double distance(const struct test *test, const bool *in_a)
{
	struct middle a = middle_of(test->na), b = middle_of(test->n - test->na);
	size_t ranks[2] = {0, 0};

	for (size_t i = 0; i < test->n; i++) {
		bool of_a = in_a[i];

		look(of_a ? &a : &b, ranks[of_a], test->sorted[i]);
		ranks[of_a]++;
	}
	return fabs(a.sum - b.sum);
}

/* Rounding of equal medians must not count as smaller. */
static bool as_far(const struct test *test, const bool *in_a)
{
	return distance(test, in_a) >= test->observed * (1 - 1e-12);
}

static double exact_p(const struct test *test)
{
	gsl_combination *split = gsl_combination_calloc(test->n, test->na);
	g_autofree bool *in_a = g_new(bool, test->n);
	unsigned all = 0, far = 0;

	do {
		memset(in_a, 0, test->n * sizeof(*in_a));
		for (size_t k = 0; k < test->na; k++)
			in_a[gsl_combination_get(split, k)] = true;
		all++;
		far += as_far(test, in_a);
	} while (gsl_combination_next(split) == GSL_SUCCESS);
	gsl_combination_free(split);
	return (double)far / all;
}

/* Each choice of na of the ranks is as probable as any other. */
static void draw_split(gsl_rng *rng, const struct test *test, bool *in_a)
{
	size_t needed = test->na;

	for (size_t i = 0; i < test->n; i++) {
		in_a[i] = gsl_rng_uniform(rng) * (double)(test->n - i) < (double)needed;
		needed -= in_a[i];
	}
}

static bool enough(unsigned far, unsigned rounds)
{
	return far >= ENOUGH_AS_FAR || rounds >= MAX_ROUNDS ||
	       (rounds >= ENOUGH_ROUNDS && far <= HARDLY_ANY);
}

static double drawn_p(const struct test *test, uint64_t seed)
{
	g_autofree bool *in_a = g_new(bool, test->n);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	unsigned rounds = 0, far = 0;

	gsl_rng_set(rng, seed);
	while (!enough(far, rounds)) {
		draw_split(rng, test, in_a);
		rounds++;
		far += as_far(test, in_a);
	}
	gsl_rng_free(rng);
	/* The observed split is one of them: p is never 0. */
	return (far + 1.0) / (rounds + 1.0);
}

/* Which of the sorted values are a's, from the order that sorted both. Caller frees. */
static bool *as_observed(const size_t *order, size_t n, size_t na)
{
	bool *in_a = g_new(bool, n);

	for (size_t i = 0; i < n; i++)
		in_a[i] = order[i] < na;
	return in_a;
}

double lu_stats_permutation_p(const double *a, size_t na, const double *b, size_t nb, uint64_t seed)
{
	if (na == 0 || nb == 0)
		return NAN;
	g_autofree double *both = g_new(double, na + nb);
	g_autofree size_t *order = g_new(size_t, na + nb);
	struct test test = {both, na + nb, na, 0};

	memcpy(both, a, na * sizeof(*a));
	memcpy(both + na, b, nb * sizeof(*b));
	gsl_sort_index(order, both, 1, test.n);
	gsl_sort(both, 1, test.n);
	g_autofree bool *in_a = as_observed(order, test.n, na);

	test.observed = distance(&test, in_a);
	if (gsl_sf_lnchoose((unsigned)test.n, (unsigned)na) <= log(MAX_EXACT) + 1e-9)
		return exact_p(&test);
	return drawn_p(&test, seed);
}
