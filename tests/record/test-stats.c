/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics against values worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>
#include "record/stats.h"

static void test_median(void **state)
{
	const double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};

	assert_true(lu_stats_median(odd, 3) == 3);
	assert_true(odd[0] == 5); /* left alone */
	assert_true(lu_stats_median(even, 4) == 2.5);
	assert_true(isnan(lu_stats_median(odd, 0)));
}

static void test_quantile(void **state)
{
	const double x[] = {40, 10, 30, 20, 50};

	assert_true(lu_stats_quantile(x, 5, 0) == 10);
	assert_true(lu_stats_quantile(x, 5, 0.25) == 20);
	assert_true(lu_stats_quantile(x, 5, 1) == 50);
}

static void expect_interval(const double *x, size_t n, double low, double high)
{
	double from, to;

	lu_stats_median_ci(x, n, 0.95, &from, &to);
	if (from != low || to != high)
		fail_msg("n = %zu: [%g, %g], not [%g, %g]", n, from, to, low, high);
}

/* That at least so many of n draws are among the i least: worked out with binomial tables.
 * n = 5, three or more: i = 1: 0.058. n = 9, five or more: i = 2: 0.0259, i = 3: 0.145; i = 1: 0.0014.
 * n = 11, six or more: i = 2: 0.0095, i = 3: 0.0573. */
static void test_interval_of_odd(void **state)
{
	const double x[] = {19, 10, 12, 11, 13, 14, 15, 16, 17, 18, 20};

	expect_interval(x, 1, 19, 19);
	expect_interval(x, 3, 10, 19);
	expect_interval((const double[]){3, 1, 2, 5, 4}, 5, 1, 5);
	expect_interval((const double[]){3, 1, 2, 5, 4, 9, 8, 7, 6}, 9, 2, 8);
	expect_interval(x, 11, 12, 18);
}

/* n = 2: the four resamples have the medians 1, 2, 2, 3. More: the next test. */
static void test_interval_of_even(void **state)
{
	expect_interval((const double[]){3, 1}, 2, 1, 3);
}

/* Every resample, counted. */
static void enumerate(const double *x, size_t n, double *low, double *high)
{
	size_t all = 1;

	for (size_t i = 0; i < n; i++)
		all *= n;
	g_autofree double *medians = g_new(double, all);

	for (size_t k = 0; k < all; k++) {
		double sample[8];

		for (size_t i = 0, rest = k; i < n; i++, rest /= n)
			sample[i] = x[rest % n];
		medians[k] = lu_stats_median(sample, n);
	}
	gsl_sort(medians, 1, all);
	*low = medians[(size_t)ceil(0.025 * (double)all - 1e-6) - 1];
	*high = medians[(size_t)ceil(0.975 * (double)all - 1e-6) - 1];
}

static void test_interval_is_that_of_all_resamples(void **state)
{
	const double x[] = {3.5, 1, 7, 2, 2, 11, 4, 9};

	for (size_t n = 1; n <= 6; n++) {
		double low, high;

		enumerate(x, n, &low, &high);
		expect_interval(x, n, low, high);
	}
}

/* Nothing under- or overflows, and the interval is as wide as the theory for large samples says:
 * of uniform values 1.96 / sqrt(n). */
static void test_interval_of_many(void **state)
{
	static const size_t sizes[] = {1000, 1001, 10000};

	for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
		size_t n = sizes[s];
		g_autofree double *x = g_new(double, n);
		double low, high;

		for (size_t i = 0; i < n; i++)
			x[i] = (double)i / (double)(n - 1);
		lu_stats_median_ci(x, n, 0.95, &low, &high);
		assert_float_equal(high - low, 1.96 / sqrt((double)n), 0.05 / sqrt((double)n));
	}
}

/* Of the 20 splits of three and three 4 have medians as far apart as 1, 2, 3 and 4, 5, 6: these, 1, 2,
 * 4 and 3, 5, 6, and both the other way round. */
static void test_permutation_of_few(void **state)
{
	const double low[] = {1, 2, 3}, high[] = {4, 5, 6}, one[] = {7};

	assert_float_equal(lu_stats_permutation_p(low, 3, high, 3, 1), 0.2, 1e-12);
	assert_float_equal(lu_stats_permutation_p(high, 3, low, 3, 1), 0.2, 1e-12);
	assert_float_equal(lu_stats_permutation_p(low, 3, one, 1, 1), 0.25, 1e-12);
	assert_true(lu_stats_permutation_p(low, 3, low, 3, 1) == 1);
	assert_true(isnan(lu_stats_permutation_p(low, 0, high, 3, 1)));
}

static void test_permutation_of_many(void **state)
{
	const double low[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	const double high[] = {101, 102, 103, 104, 105, 106, 107, 108, 109, 110};
	const double same[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

	/* 2 of 184756 splits are as far apart; shuffles see none: p is then 1 / (rounds + 1). */
	assert_true(lu_stats_permutation_p(low, 10, high, 10, 1) <= 0.002);
	assert_true(lu_stats_permutation_p(low, 10, same, 10, 1) == 1);
	assert_true(lu_stats_permutation_p(low, 10, high, 10, 1) > 0);
}

/* p by all splits of both. */
static double by_all_splits(const double *a, size_t na, const double *b, size_t nb)
{
	double both[20], observed = fabs(lu_stats_median(a, na) - lu_stats_median(b, nb));
	unsigned all = 0, far = 0;

	memcpy(both, a, na * sizeof(*a));
	memcpy(both + na, b, nb * sizeof(*b));
	for (unsigned mask = 0; mask < 1U << (na + nb); mask++) {
		double x[20], y[20];
		size_t nx = 0, ny = 0;

		if ((size_t)__builtin_popcount(mask) != na)
			continue;
		for (size_t i = 0; i < na + nb; i++)
			*(mask & 1U << i ? &x[nx++] : &y[ny++]) = both[i];
		all++;
		far += fabs(lu_stats_median(x, nx) - lu_stats_median(y, ny)) >= observed - 1e-9;
	}
	return (double)far / all;
}

/* Of eight and eight all splits are looked at, of nine and eight some. */
static void test_permutation_is_that_of_all_splits(void **state)
{
	for (size_t shift = 0; shift <= 40; shift += 8) {
		double a[9], b[8], p;

		for (size_t i = 0; i < 9; i++)
			a[i] = (double)(i * i);
		for (size_t i = 0; i < 8; i++)
			b[i] = (double)(i * i + shift);
		assert_float_equal(lu_stats_permutation_p(a, 8, b, 8, 1), by_all_splits(a, 8, b, 8),
				   1e-12);
		p = by_all_splits(a, 9, b, 8);
		assert_float_equal(lu_stats_permutation_p(a, 9, b, 8, 1), p, 0.15 * p + 0.003);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_interval_of_odd),
		cmocka_unit_test(test_interval_of_even),
		cmocka_unit_test(test_interval_is_that_of_all_resamples),
		cmocka_unit_test(test_interval_of_many),
		cmocka_unit_test(test_permutation_of_few),
		cmocka_unit_test(test_permutation_of_many),
		cmocka_unit_test(test_permutation_is_that_of_all_splits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
