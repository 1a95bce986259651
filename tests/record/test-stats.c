/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics against values worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include <math.h>
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

static void test_interval(void **state)
{
	const double x[] = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
	double low, high, low2, high2;

	lu_stats_median_ci(x, 10, 0.95, 7, &low, &high);
	lu_stats_median_ci(x, 10, 0.95, 7, &low2, &high2);
	assert_true(low == low2 && high == high2); /* seeded */
	assert_true(low >= 10 && low < 14.5 && high > 14.5 && high <= 19);
	lu_stats_median_ci(x, 10, 0.5, 7, &low2, &high2);
	assert_true(high2 - low2 < high - low);
}

static void test_permutation(void **state)
{
	const double low[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	const double high[] = {101, 102, 103, 104, 105, 106, 107, 108, 109, 110};
	const double same[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

	/* 2 of 184756 splits are as far apart; a few rounds see none: p is
	 * then 1 / (rounds + 1). */
	assert_true(lu_stats_permutation_p(low, 10, high, 10, 999, 1) <= 0.002);
	assert_true(lu_stats_permutation_p(low, 10, same, 10, 999, 1) == 1);
	assert_true(lu_stats_permutation_p(low, 10, high, 10, 999, 1) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_permutation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
