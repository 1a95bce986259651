/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where one more value is expected, against a table of t and by trial of many samples. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include "record/prediction.h"

/* Logarithms -1, 0, 1: mean 0, s 1; t of 2 degrees at 95 % is 4.303 in every table. */
static void test_by_hand(void **state)
{
	const double values[] = {exp(-1), 1, exp(1)};
	double low, high;

	assert_true(lu_prediction_interval(values, 3, 0.95, &low, &high));
	assert_float_equal(log(high), 4.3027 * sqrt(4.0 / 3), 1e-3);
	assert_float_equal(low * high, 1, 1e-9);
}

/* 95 of 100 further values, of any such sample: within four standard deviations of that. */
static void test_coverage(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned inside = 0;

	for (unsigned sample = 0; sample < 4000; sample++) {
		double values[5], low, high;

		for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
			values[i] = gsl_ran_lognormal(rng, 20, 0.3);
		double next = gsl_ran_lognormal(rng, 20, 0.3);

		assert_true(lu_prediction_interval(values, 5, 0.95, &low, &high));
		inside += low <= next && next <= high;
	}
	assert_in_range(inside, 3745, 3855);
	gsl_rng_free(rng);
}

static void test_too_little(void **state)
{
	const double two[] = {1, 2}, zero[] = {1, 0, 2};
	double low, high;

	assert_false(lu_prediction_interval(two, 2, 0.95, &low, &high));
	assert_false(lu_prediction_interval(zero, 3, 0.95, &low, &high));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_too_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
