/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model of pre-copy against rounds worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include "record/precopy.h"

#define MS INT64_C(1000000)

/* 1000 bytes at 1000 bytes a second: a second for the whole. */
static struct lu_precopy model(double dirty_rate, int64_t limit_ms, bool throttle)
{
	const struct lu_precopy_config config = {
		.memory = 1000,
		.bandwidth = 1000,
		.dirty_rate = dirty_rate,
		.limit_ns = limit_ms * MS,
		.throttle = throttle,
		.max_rounds = 100,
	};

	return lu_precopy_model(&config);
}

static void near(double value, double due)
{
	assert_true(value > due * (1 - 1e-9) - 1e-9 && value < due * (1 + 1e-9) + 1e-9);
}

/* Nothing is dirtied: one round, and nothing is left. */
static void test_idle(void **state)
{
	struct lu_precopy m = model(0, 10, false);

	assert_true(m.converged);
	assert_int_equal(m.rounds, 1);
	near(m.sent, 1000);
	assert_int_equal(m.copy_ns, 1000 * MS);
	assert_int_equal(m.downtime_ns, 0);
}

/* D/R = 1/2: 1000, 500, 250, 125 are sent in 1.875 s; 62.5 left take 62.5 ms. */
static void test_half(void **state)
{
	struct lu_precopy m = model(500, 100, false);

	assert_true(m.converged);
	assert_int_equal(m.rounds, 4);
	near(m.sent, 1875);
	assert_int_equal(m.copy_ns, 1875 * MS);
	near(m.rest, 62.5);
	assert_int_equal(m.downtime_ns, 62500000);
}

/* A limit that the whole fits: the machine is stopped at once. */
static void test_limit_is_wide(void **state)
{
	struct lu_precopy m = model(500, 1000, false);

	assert_int_equal(m.rounds, 0);
	assert_int_equal(m.downtime_ns, 1000 * MS);
}

/* The knee: just below the bandwidth it ends, at it and above it never does. */
static void test_knee(void **state)
{
	struct lu_precopy below = model(900, 300, false), above = model(2000, 300, false);

	assert_true(below.converged);
	assert_int_equal(below.rounds, 12); /* 0.9^12 = 0.282 is the first below 0.3 */
	assert_false(model(1000, 300, false).converged);
	assert_false(above.converged);
	assert_int_equal(above.rounds, 100);
	near(above.rest, 1000); /* no more than there is */
}

/* Limit 100 ms, seen every 100 ms: 50 bytes are kept. 950, 475, 237.5, 118.75 are sent, leaving
 * 525, 287.5, 168.75 and 109.375; then 59.375, which leaves 79.6875. */
static void test_looks(void **state)
{
	const struct lu_precopy_config config = {
		.memory = 1000,
		.bandwidth = 1000,
		.dirty_rate = 500,
		.limit_ns = 100 * MS,
		.poll_ns = 100 * MS,
		.max_rounds = 100,
	};
	struct lu_precopy m = lu_precopy_model(&config);

	assert_true(m.converged);
	assert_int_equal(m.rounds, 5);
	near(m.sent, 950 + 475 + 237.5 + 118.75 + 59.375);
	near(m.rest, 79.6875);
}

/* Rounds without a bound that all leave the same: the answer is known after a few. */
static void test_endless(void **state)
{
	const struct lu_precopy_config config = {.memory = 1000,
						 .bandwidth = 1000,
						 .dirty_rate = 2000,
						 .limit_ns = 100 * MS,
						 .max_rounds = UINT32_MAX};
	struct lu_precopy m = lu_precopy_model(&config);

	assert_false(m.converged);
	assert_int_equal(m.rounds, UINT32_MAX);
	near(m.sent, 1000.0 * UINT32_MAX);
	assert_int_equal(m.copy_ns, 1000000000ll * UINT32_MAX);
}

/* The set bounds what one round can leave. */
static void test_set(void **state)
{
	const struct lu_precopy_config config = {
		.memory = 1000,
		.bandwidth = 1000,
		.dirty_rate = 900,
		.set = 200,
		.limit_ns = 150 * MS,
		.max_rounds = 100,
	};
	struct lu_precopy m = lu_precopy_model(&config);

	/* left: 200, 180, 162, 145.8 */
	assert_int_equal(m.rounds, 4);
	near(m.sent, 1000 + 200 + 180 + 162);
	near(m.rest, 145.8);
}

/* D = R: rounds 1 and 2 are bad (20 % from round 3 on: 0.8), 3 and 4 too (30 % from round 5 on). */
static void test_throttle(void **state)
{
	struct lu_precopy m = model(1000, 300, true);

	assert_true(m.converged);
	/* left after each round: 1000, 1000, 800, 640, 448, 313.6, then 40 %: 188.16 */
	assert_int_equal(m.rounds, 7);
	near(m.rest, 188.16);
	near(m.throttle, 0.4);
}

/* What never fits 100 ms: D = R, so that each round of a second leaves the whole. */
static struct lu_precopy hopeless(double dirty_rate, struct lu_precopy_ramp ramp,
				  int64_t postcopy_ms)
{
	const struct lu_precopy_config config = {
		.memory = 1000,
		.bandwidth = 1000,
		.dirty_rate = dirty_rate,
		.limit_ns = 100 * MS,
		.ramp = ramp,
		.postcopy_ns = postcopy_ms * MS,
		.max_rounds = 100000,
	};

	return lu_precopy_model(&config);
}

/* 100 ms more each second: the second that it takes is allowed once nine have passed. */
static void test_ramp(void **state)
{
	struct lu_precopy m =
		hopeless(1000, (struct lu_precopy_ramp){100 * MS, 1000 * MS, 2000 * MS}, 0);

	assert_true(m.converged);
	assert_int_equal(m.rounds, 9);
	assert_int_equal(m.copy_ns, 9000 * MS);
	assert_int_equal(m.limit_ns, 1000 * MS);
	assert_int_equal(m.downtime_ns, 1000 * MS);
}

static void test_ramp_ends(void **state)
{
	const struct lu_precopy_ramp ramp = {100 * MS, 1000 * MS, 950 * MS};
	struct lu_precopy m = hopeless(1000, ramp, 0);

	assert_false(m.converged);
	assert_int_equal(m.rounds, 100000);
	assert_int_equal(m.limit_ns, 950 * MS);
	assert_int_equal(lu_precopy_limit(100 * MS, &ramp, 999 * MS), 100 * MS);
	assert_int_equal(lu_precopy_limit(100 * MS, &ramp, 1000 * MS), 200 * MS);
	assert_int_equal(lu_precopy_limit(100 * MS, &ramp, 8999 * MS), 900 * MS);
	assert_int_equal(lu_precopy_limit(100 * MS, &ramp, 9000 * MS), 950 * MS);
	assert_int_equal(lu_precopy_limit(100 * MS, &ramp, INT64_MAX), 950 * MS);
}

/* In the third round: 500 of its 1000 are sent, 500 are written. Without writes the first round is
 * cut short. What converges before does so. */
static void test_postcopy(void **state)
{
	struct lu_precopy m = hopeless(1000, (struct lu_precopy_ramp){}, 2500);
	struct lu_precopy idle = hopeless(0, (struct lu_precopy_ramp){}, 400);
	struct lu_precopy half = hopeless(500, (struct lu_precopy_ramp){}, 5000);

	assert_true(m.converged && m.postcopy);
	assert_int_equal(m.rounds, 2);
	assert_int_equal(m.copy_ns, 2500 * MS);
	near(m.sent, 2500);
	near(m.rest, 1000);
	assert_true(idle.postcopy);
	near(idle.rest, 600);
	assert_false(half.postcopy);
	near(half.rest, 62.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle),	      cmocka_unit_test(test_half),
		cmocka_unit_test(test_limit_is_wide), cmocka_unit_test(test_knee),
		cmocka_unit_test(test_looks),	      cmocka_unit_test(test_set),
		cmocka_unit_test(test_endless),	      cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_ramp),	      cmocka_unit_test(test_ramp_ends),
		cmocka_unit_test(test_postcopy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
