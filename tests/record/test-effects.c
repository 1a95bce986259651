/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Effects of switches, against values worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <math.h>
#include "model/design.h"
#include "record/effects.h"

#define FACTORS 2

/* none 10; a alone saves 4, b alone 1; both save 6: 1 more than their sum. */
static const bool on[] = {false, false, true, false, false, true, true, true};
static const double once[] = {10, 6, 9, 4};

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static struct lu_effects *effects_of(const bool *rows, const double *y, size_t n)
{
	const struct lu_effects_runs runs = {n, FACTORS, rows, y};

	return lu_effects_new(&runs, 0.95);
}

/* By least squares of the four: the mean of both differences of each. a: (4 + 5) / 2, b: (1 + 2) / 2.
 * The model leaves 1/4 in each corner, so 4/16 of the squares, of (10-7.25)² + … = 22.75. */
static void test_by_hand(void **state)
{
	struct lu_effects *effects = effects_of(on, once, 4);

	assert_non_null(effects);
	assert_true(near(effects->none.value, 10) && near(effects->all.value, 4));
	assert_true(near(effects->difference.value, 6));
	assert_true(near(effects->mean[0].value, 4.5) && near(effects->mean[1].value, 1.5));
	assert_true(near(effects->alone[0].value, 4) && near(effects->alone[1].value, 1));
	assert_true(near(effects->mean_share.value, 1));
	assert_true(near(effects->alone_share.value, 5.0 / 6));
	assert_true(near(effects->additive.r2, 1 - 0.25 / 22.75));
	assert_true(isnan(effects->noise) && isnan(effects->mean[0].low));
	assert_true(isnan(effects->additive.lack_p) && effects->n_pairs == 0);
	lu_effects_free(effects);
}

/* Repeats of ±0.3 about the same means: their standard deviation with 4 degrees of freedom, and
 * intervals that have the value in them and are wider than nothing. */
static void test_intervals(void **state)
{
	bool rows[16];
	double y[8];
	struct lu_effects *effects;

	for (size_t i = 0; i < 8; i++) {
		y[i] = once[i % 4] + (i < 4 ? -0.3 : 0.3);
		rows[2 * i] = on[i % 4 * 2];
		rows[2 * i + 1] = on[i % 4 * 2 + 1];
	}
	effects = effects_of(rows, y, 8);
	assert_true(near(effects->noise, sqrt(8 * 0.09 / 4)));
	assert_true(near(effects->mean[0].value, 4.5));
	/* The mean of eight scatters, each 0.3·√2 above or below: seven of one sign or more come by
	 * chance 3.5 % of the time, all eight 0.4 %. */
	assert_true(near(effects->mean[0].low, 4.5 - 6 * 0.3 * sqrt(2) / 4));
	assert_true(near(effects->mean[0].high, 4.5 + 6 * 0.3 * sqrt(2) / 4));
	assert_true(effects->mean_share.low < 1 && effects->mean_share.high > 1);
	lu_effects_free(effects);
}

/* The same runs, the same intervals. */
static void test_no_chance(void **state)
{
	const bool rows[] = {false, false, true, false, false, true, true, true, false, false};
	const double y[] = {10, 6, 9, 4, 10.5};
	struct lu_effects *a = effects_of(rows, y, 5), *b = effects_of(rows, y, 5);

	assert_true(a->mean[0].low == b->mean[0].low && a->all.high == b->all.high);
	lu_effects_free(a);
	lu_effects_free(b);
}

static void test_not_enough(void **state)
{
	/* a and b always together */
	const bool together[] = {false, false, true, true, false, false, true, true};
	/* nobody has both */
	const bool never_all[] = {false, false, true, false, false, true};

	assert_null(effects_of(together, once, 4));
	assert_null(effects_of(never_all, once, 3));
	assert_null(effects_of(on, once, 2));
	lu_effects_free(NULL);
}

#define THREE 3
#define MOST  11

/* None 10; a alone saves 2, b 1, c 0.5; all save 5. Twice, that far above and below; and none once
 * more. So no model without interactions fits: what it leaves is t times 2, -1, -1, -1, 1. */
static struct lu_effects *of_three(double apart, bool once_more)
{
	static const bool cells[][THREE] = {
		{false, false, false}, {true, false, false}, {false, true, false},
		{false, false, true},  {true, true, true},
	};
	static const double means[] = {10, 8, 9, 9.5, 5};
	bool rows[MOST * THREE] = {false};
	double y[MOST] = {[MOST - 1] = 10};

	for (size_t r = 0; r + 1 < MOST; r++) {
		y[r] = means[r / 2] + (r % 2 ? apart : -apart);
		for (size_t f = 0; f < THREE; f++)
			rows[r * THREE + f] = cells[r / 2][f];
	}
	const struct lu_effects_runs runs = {once_more ? MOST : MOST - 1, THREE, rows, y};

	return lu_effects_new(&runs, 0.95);
}

/* t = 3/16, by the product of these with the means over their own squares. Each combination weighs 2:
 * left 9/16, of 31.6 about the mean 8.3. With scatter of 0.5 the variance of runs is 1/2, so that
 * F(1, 5) = 9/8, the probability of more is 0.337. */
static void test_does_not_add_up(void **state)
{
	struct lu_effects *effects = of_three(0.5, false);

	assert_true(near(effects->mean[0].value, 2.5625) && near(effects->mean[1].value, 1.5625) &&
		    near(effects->mean[2].value, 1.0625));
	assert_true(near(effects->mean_share.value, 1.0375));
	assert_true(near(effects->alone_share.value, 0.7));
	assert_true(near(effects->additive.r2, 1 - 0.5625 / 31.6));
	assert_true(fabs(effects->additive.lack_p - 0.3373683) < 1e-6);
	assert_int_equal(effects->n_pairs, 0);
	assert_true(near(effects->pairs_share.value, 1.0375));
	lu_effects_free(effects);
}

/* More likely than not by chance at the 5 % level if it was one of three that might have stood out
 * (p = 0.045), and not any more with less scatter. */
static void test_one_of_three_pairs(void **state)
{
	struct lu_effects *chance = of_three(0.2, false), *pair = of_three(0.1, false);

	assert_true(chance->additive.lack_p < 0.05);
	assert_int_equal(chance->n_pairs, 0);
	assert_int_equal(pair->n_pairs, 1);
	assert_true(near(pair->pairs[0].more.value, 1.5) && near(pair->pairs_share.value, 1));
	lu_effects_free(chance);
	lu_effects_free(pair);
}

/* Three runs of none weigh more than two: t = 0.45 over the runs of each combination. */
static void test_runs_weigh(void **state)
{
	struct lu_effects *effects = of_three(0.5, true);

	assert_true(near(effects->mean[0].value, 2.525) && near(effects->mean[1].value, 1.525) &&
		    near(effects->mean[2].value, 1.025));
	assert_true(near(effects->additive.r2, 1 - 0.675 / (753.0 / 22)));
	lu_effects_free(effects);
}

/* Without a run of b alone, that alone is unknown. */
static void test_alone_unknown(void **state)
{
	const bool rows[] = {false, false, true, false, true, true};
	const double y[] = {10, 6, 4};
	struct lu_effects *effects = effects_of(rows, y, 3);

	assert_true(near(effects->alone[0].value, 4) && near(effects->mean[1].value, 2));
	assert_true(isnan(effects->alone[1].value) && isnan(effects->alone_share.value));
	lu_effects_free(effects);
}

#define SWITCHES 8
#define SCATTER	 0.1

/* A screening design of eight switches that save 1, 2, … 8, twice, 0.1 above and below; the third
 * and the sixth save more together than their sum. */
static struct lu_effects *screened(double more)
{
	g_autoptr(GArray) rows = lu_design_screening(SWITCHES);
	size_t n = rows->len * 2;
	g_autofree bool *all = g_new(bool, n *SWITCHES);
	g_autofree double *y = g_new(double, n);
	const struct lu_effects_runs runs = {n, SWITCHES, all, y};

	for (size_t r = 0; r < n; r++) {
		uint64_t row = g_array_index(rows, uint64_t, r / 2);

		y[r] = 100 + (r % 2 ? SCATTER : -SCATTER) - (row >> 2 & row >> 5 & 1 ? more : 0);
		for (size_t f = 0; f < SWITCHES; f++) {
			all[r * SWITCHES + f] = row >> f & 1;
			y[r] -= all[r * SWITCHES + f] ? (double)(f + 1) : 0;
		}
	}
	return lu_effects_new(&runs, 0.95);
}

static void test_what_adds_up(void **state)
{
	struct lu_effects *effects = screened(0);

	assert_int_equal(effects->n_pairs, 0);
	assert_true(effects->additive.lack_p > 0.99 && effects->with_pairs.lack_p > 0.99);
	assert_true(near(effects->alone_share.value, 1) && near(effects->pairs_share.value, 1));
	lu_effects_free(effects);
}

/* Half of it is in the average saving of either, none in that of any other. */
static void test_a_pair_is_found(void **state)
{
	struct lu_effects *effects = screened(3);

	assert_int_equal(effects->n_pairs, 1);
	assert_int_equal(effects->pairs[0].a, 2);
	assert_int_equal(effects->pairs[0].b, 5);
	assert_true(near(effects->pairs[0].more.value, 3));
	assert_true(effects->pairs[0].more.low < 3 && effects->pairs[0].more.high > 3);
	for (size_t f = 0; f < SWITCHES; f++)
		assert_true(near(effects->mean[f].value,
				 (double)(f + 1) + (f == 2 || f == 5 ? 1.5 : 0)));
	assert_true(effects->additive.lack_p < 0.001 && effects->with_pairs.lack_p > 0.99);
	assert_true(near(effects->difference.value, 39) && near(effects->mean_share.value, 1));
	assert_true(near(effects->alone_share.value, 36.0 / 39));
	assert_true(near(effects->pairs_share.value, 1) && near(effects->with_pairs.r2, 1));
	lu_effects_free(effects);
}

/* What lies within the scatter of runs. */
static void test_noise_is_no_pair(void **state)
{
	struct lu_effects *effects = screened(SCATTER / 2);

	assert_int_equal(effects->n_pairs, 0);
	assert_true(effects->additive.lack_p > 0.05);
	lu_effects_free(effects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),		 cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_no_chance),	 cmocka_unit_test(test_not_enough),
		cmocka_unit_test(test_does_not_add_up),	 cmocka_unit_test(test_one_of_three_pairs),
		cmocka_unit_test(test_runs_weigh),	 cmocka_unit_test(test_alone_unknown),
		cmocka_unit_test(test_what_adds_up),	 cmocka_unit_test(test_a_pair_is_found),
		cmocka_unit_test(test_noise_is_no_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
