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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_interval_of_odd),
		cmocka_unit_test(test_interval_of_even),
		cmocka_unit_test(test_interval_is_that_of_all_resamples),
		cmocka_unit_test(test_interval_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
