/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is only known to be below a bound makes no median 0. */
#include "tests/kit/cmocka-all.h"
#include "record/censored.h"
#include "record/shift.h"
#include "record/stats.h"

static void test_few_below_leave_the_median(void **state)
{
	static const double low[] = {0, 500, 510, 520, 530}, high[] = {20, 500, 510, 520, 530};
	const struct lu_censored x = {low, high, 5};
	struct lu_bounded median = lu_censored_quantile(&x, 0.5);
	struct lu_bounded least = lu_censored_quantile(&x, 0);

	assert_true(median.value == 510 && !median.below);
	assert_true(least.value == 20 && least.below);
}

static void test_most_below_make_it_a_bound(void **state)
{
	static const double low[] = {0, 0, 0, 700, 0}, high[] = {20, 25, 1400, 700, 30};
	const struct lu_censored x = {low, high, 5};
	struct lu_bounded median = lu_censored_quantile(&x, 0.5), from, to;

	assert_true(median.value == 30 && median.below);
	lu_censored_median_ci(&x, 0.95, &from, &to);
	assert_true(from.below && from.value >= 20);
	assert_true(to.value > 0);
}

/* A bound above a measured value: which of the two is greater is not known. */
static void test_bound_above_a_value(void **state)
{
	static const double low[] = {0, 100, 200}, high[] = {1400, 100, 200};
	const struct lu_censored x = {low, high, 3};
	struct lu_bounded median = lu_censored_quantile(&x, 0.5);

	assert_true(median.value == 200 && median.below);
}

static void test_exact_is_as_before(void **state)
{
	static const double values[] = {5, 3, 4, 1, 2};
	const struct lu_censored x = {values, values, 5};
	struct lu_bounded from, to;
	double low, high;

	lu_censored_median_ci(&x, 0.95, &from, &to);
	lu_stats_median_ci(values, 5, 0.95, &low, &high);
	assert_true(from.value == low && !from.below && to.value == high && !to.below);
}

/* Bounds that differ are no difference. */
static void test_bounds_prove_no_difference(void **state)
{
	static const double zero[] = {0, 0, 0, 0, 0, 0}, a_high[] = {20, 21, 22, 20, 21, 22};
	static const double b_high[] = {90, 91, 92, 90, 91, 92};
	const struct lu_censored a = {zero, a_high, 6}, b = {zero, b_high, 6};

	assert_true(lu_shift_of_samples(&a, &b, 0.95).p == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_below_leave_the_median),
		cmocka_unit_test(test_most_below_make_it_a_bound),
		cmocka_unit_test(test_bound_above_a_value),
		cmocka_unit_test(test_exact_is_as_before),
		cmocka_unit_test(test_bounds_prove_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
