/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rank tests and the factors that they bound, against tables and values worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include "record/rank-test.h"
#include "record/shift.h"

#define EXACT(x) ((struct lu_censored){x, x, G_N_ELEMENTS(x)})

/* Of the 70 ways to split eight values 1 has no pair the wrong way, 1 has one, 2 have two. Tables of
 * critical values at 0.025 a side: 10 and 10: 23; 20 and 20: 127. */
static void test_rank_sums(void **state)
{
	assert_float_equal(lu_rank_sum_p(4, 4, 0), 1.0 / 70, 1e-12);
	assert_float_equal(lu_rank_sum_p(4, 4, 2), 4.0 / 70, 1e-12);
	assert_true(lu_rank_sum_p(10, 10, 23) <= 0.025 && lu_rank_sum_p(10, 10, 24) > 0.025);
	assert_true(lu_rank_sum_p(20, 20, 127) <= 0.025 && lu_rank_sum_p(20, 20, 128) > 0.025);
	assert_float_equal(lu_rank_sum_p(7, 5, 17), 0.5, 1e-9); /* below the middle of 36 sums */
	assert_true(lu_rank_sum_p(4, 4, -1) == 0 && lu_rank_sum_p(4, 4, 16) == 1);
	/* Exact and normal meet. */
	assert_float_equal(lu_rank_sum_p(100, 100, 4200), lu_rank_sum_p(100, 101, 4242), 1e-3);
}

/* Of 64 signs of six 1 has the sum 0, 1 the sum 1. Critical values: 6: 0; 10: 8; 20: 52. */
static void test_signed_ranks(void **state)
{
	assert_float_equal(lu_signed_rank_p(6, 0), 1.0 / 64, 1e-12);
	assert_float_equal(lu_signed_rank_p(6, 1), 2.0 / 64, 1e-12);
	assert_true(lu_signed_rank_p(10, 8) <= 0.025 && lu_signed_rank_p(10, 9) > 0.025);
	assert_true(lu_signed_rank_p(20, 52) <= 0.025 && lu_signed_rank_p(20, 53) > 0.025);
	assert_float_equal(lu_signed_rank_p(150, 5000), lu_signed_rank_p(151, 5067), 1e-3);
}

/* Everything in b is twice what is in a: the middle of all 16 quotients of 1, 2, 4, 8. */
static void test_factor(void **state)
{
	const double a[] = {1, 4, 2, 8}, b[] = {16, 2, 8, 4};
	const struct lu_censored x = EXACT(a), y = EXACT(b);
	struct lu_shift shift = lu_shift_of_samples(&x, &y, 0.95);

	assert_float_equal(shift.ratio, 2, 1e-12);
	/* One of 70 splits a side: the least and the greatest quotient. */
	assert_true(shift.interval);
	assert_float_equal(shift.low, 0.25, 1e-12);
	assert_float_equal(shift.high, 16, 1e-12);
	assert_true(shift.n == 4);
}

static void test_factor_of_pairs(void **state)
{
	const double a[] = {1, 10, 100, 1000, 7, 70}, b[] = {1.1, 11, 110, 1100, 7.7, 77};
	const struct lu_censored x = EXACT(a), y = EXACT(b);
	struct lu_shift pairs = lu_shift_of_pairs(&x, &y, 0.95);
	struct lu_shift samples = lu_shift_of_samples(&x, &y, 0.95);

	assert_float_equal(pairs.ratio, 1.1, 1e-9);
	assert_float_equal(pairs.low, 1.1, 1e-9);
	assert_float_equal(pairs.p, 2.0 / 64, 1e-12);
	assert_true(samples.low < 1 &&
		    samples.p > 0.5); /* they scatter far more than they differ */
}

static void test_too_few(void **state)
{
	const double a[] = {1, 2, 3}, b[] = {10, 20, 30}, none[] = {0};
	const struct lu_censored x = EXACT(a), y = EXACT(b), empty = {none, none, 0};
	struct lu_shift shift = lu_shift_of_samples(&x, &y, 0.95);

	assert_false(shift.interval);
	assert_true(shift.low == 0 && isinf(shift.high));
	assert_float_equal(shift.p, 0.1, 1e-12);
	assert_int_equal(lu_shift_least(0.95, false), 4);
	assert_int_equal(lu_shift_least(0.95, true), 6);
	assert_false(lu_shift_of_samples(&empty, &y, 0.95).interval);
}

/* Counts of 0 are alike; 0 and more are not. */
static void test_zeros(void **state)
{
	const double zero[] = {0, 0, 0, 0}, some[] = {1, 2, 3, 4};
	const struct lu_censored x = EXACT(zero), y = EXACT(some);
	struct lu_shift same = lu_shift_of_samples(&x, &x, 0.95);
	struct lu_shift more = lu_shift_of_samples(&x, &y, 0.95);

	assert_true(same.ratio == 1 && same.low == 1 && same.high == 1 && same.p == 1);
	assert_true(isinf(more.ratio) && isinf(more.low));
}

/* Values below bounds prove nothing of a factor. */
static void test_censored(void **state)
{
	const double zero[] = {0, 0, 0, 0, 0}, bound[] = {20, 20, 20, 20, 20};
	const double above[] = {100, 110, 120, 130, 140};
	const struct lu_censored below = {zero, bound, 5}, seen = EXACT(above);
	struct lu_shift neither = lu_shift_of_samples(&below, &below, 0.95);
	struct lu_shift worse = lu_shift_of_samples(&below, &seen, 0.95);

	assert_true(isnan(neither.ratio) && neither.low == 0 && isinf(neither.high));
	assert_true(neither.p == 1);
	assert_float_equal(worse.low, 5, 0.6); /* at least that much worse */
	assert_true(isinf(worse.high));
}

struct trial {
	gsl_rng *rng;
	size_t n;
	double spread, factor;
	bool paired;
};

static bool seen_in(const struct trial *trial, double threshold)
{
	double a[64], b[64];
	const struct lu_censored x = {a, a, trial->n}, y = {b, b, trial->n};

	for (size_t i = 0; i < trial->n; i++) {
		a[i] = gsl_ran_lognormal(trial->rng, 0, trial->spread);
		b[i] = trial->factor * gsl_ran_lognormal(trial->rng, 0, trial->spread);
	}
	return (trial->paired ? lu_shift_of_pairs(&x, &y, 0.95) : lu_shift_of_samples(&x, &y, 0.95))
		       .low > threshold;
}

/* The interval is wrong as rarely, and the proposed number of runs right as often, as they claim. */
static void test_level_and_power(void **state)
{
	const struct lu_shift_design design = {0.05, 0.95, 0.9, false};
	struct trial trial = {gsl_rng_alloc(gsl_rng_taus2), 0, design.spread, 1};
	unsigned false_alarms = 0, seen = 0, trials = 1000;

	trial.n = lu_shift_runs(&design, 1.10 / 1.05);
	assert_in_range(trial.n, 20, 40);
	for (unsigned i = 0; i < trials; i++) {
		trial.factor = 1;
		false_alarms += seen_in(&trial, 1);
		trial.factor = 1.10;
		seen += seen_in(&trial, 1.05);
	}
	gsl_rng_free(trial.rng);
	assert_in_range(false_alarms, 8, 45); /* 2.5 % of 1000 */
	assert_in_range(seen, 860, 960);      /* 90 % */
}

/* The spread that so few runs are just said to be enough for. */
static double spread_for(size_t n, bool paired)
{
	const struct lu_shift_design unit = {1, 0.95, 0.9, paired};
	double spread = log(1.10) / log(lu_shift_detectable(&unit, n)) * 0.999;
	const struct lu_shift_design design = {spread, 0.95, 0.9, paired};

	assert_int_equal(lu_shift_runs(&design, 1.10), n);
	/* A pair's factor scatters by √2 of what each side does. */
	return paired ? spread / G_SQRT2 : spread;
}

/* 100 a side: quantiles 1.972 and 1.286 of Student's t with 198 degrees of freedom, of which a rank test
 * needs √(π / 3) times as much: exp(0.1 × 3.258 × √(2 / 100 × π / 3)). */
static void test_power_of_many(void **state)
{
	const struct lu_shift_design design = {0.1, 0.95, 0.9, false};

	assert_float_equal(lu_shift_detectable(&design, 100), 1.0483, 2e-4);
}

/* Rank tests of few runs have few levels, and are less powerful than those of many. */
static void test_power_of_few(void **state)
{
	static const struct {
		size_t n;
		bool paired;
	} cases[] = {{4, false}, {5, false}, {6, true}, {7, true}, {12, true}, {20, false}};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct trial trial = {rng, cases[i].n, spread_for(cases[i].n, cases[i].paired),
				      1.10, cases[i].paired};
		unsigned seen = 0;

		for (unsigned k = 0; k < 1000; k++)
			seen += seen_in(&trial, 1);
		assert_in_range(seen, 865, 935); /* 90 % */
	}
	gsl_rng_free(rng);
}

/* What spread is asked of is what is measured of normal logarithms. */
static void test_spread(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	double a[400];

	for (size_t i = 0; i < 400; i++)
		a[i] = gsl_ran_lognormal(rng, 3, 0.2);
	gsl_rng_free(rng);
	const struct lu_censored x = EXACT(a);

	assert_float_equal(lu_shift_of_samples(&x, &x, 0.95).spread, 0.2, 0.02);
}

/* However far apart: 2 of the 20 splits of three and three, of the 70 of four and four. */
static void test_least_p(void **state)
{
	static const double low[] = {1, 2, 3}, high[] = {400, 500, 600};
	const struct lu_censored a = {low, low, 3}, b = {high, high, 3};

	assert_float_equal(lu_shift_least_p(3, 3), 0.1, 1e-12);
	assert_float_equal(lu_shift_least_p(4, 4), 2.0 / 70, 1e-12);
	assert_float_equal(lu_shift_least_p(1, 1), 1, 1e-12);
	assert_float_equal(lu_shift_least_p(0, 5), 1, 1e-12);
	assert_float_equal(lu_shift_of_samples(&a, &b, 0.95).p, lu_shift_least_p(3, 3), 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least_p),		cmocka_unit_test(test_rank_sums),
		cmocka_unit_test(test_signed_ranks),	cmocka_unit_test(test_factor),
		cmocka_unit_test(test_factor_of_pairs), cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_zeros),		cmocka_unit_test(test_censored),
		cmocka_unit_test(test_level_and_power), cmocka_unit_test(test_power_of_many),
		cmocka_unit_test(test_power_of_few),	cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
