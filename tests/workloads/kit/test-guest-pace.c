/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work at a rate, by a clock that is made up here. */
#include "tests/kit/cmocka-all.h"
#include "workloads/kit/guest/pace.h"

#define MS   INT64_C(1000000)
#define RATE 40000000 /* bytes a second */

static struct pace pace;
static int64_t now;

static int begin(void **state)
{
	pace = (struct pace){.bytes_per_s = RATE, .piece_bytes = 4096};
	now = 1000;
	pace_begin(&pace, now);
	return 0;
}

/* ms later, what is due is done, but `limit` pieces at most. Is some of it owed? */
static bool go_on(int64_t ms, uint64_t limit)
{
	uint64_t due;

	now += ms * MS;
	due = pace_due(&pace, now);
	pace.done = due - pace.done > limit ? pace.done + limit : due;
	return pace_owes(&pace, due, now);
}

static uint64_t pieces(int64_t ms)
{
	return (uint64_t)ms * RATE / 1000 / 4096;
}

static void test_rate(void **state)
{
	int64_t passed = 0;

	for (int64_t ms = 1; passed < 20000; ms = 1 + ms * 7 % 400) {
		assert_false(go_on(ms, UINT64_MAX));
		passed += ms;
		assert_int_equal(pace.done, pieces(passed));
		assert_int_equal(pace.active_ns, passed * MS);
	}
}

/* Not caught up, and not its time; nor is a clock that goes back. */
static void test_stop(void **state)
{
	go_on(100, UINT64_MAX);
	go_on(501, UINT64_MAX);
	assert_int_equal(pace.done, pieces(100));
	assert_int_equal(pace.active_ns, 100 * MS);
	go_on(-5000, UINT64_MAX);
	assert_int_equal(pace.done, pieces(100));
	go_on(200, UINT64_MAX);
	assert_int_equal(pace.done, pieces(100) + pieces(200));
	assert_int_equal(pace.active_ns, 300 * MS);
}

/* Just short of a stop it is caught up. */
static void test_late(void **state)
{
	go_on(100, UINT64_MAX);
	go_on(500, UINT64_MAX);
	assert_int_equal(pace.done, pieces(600));
	assert_int_equal(pace.active_ns, 600 * MS);
}

/* Owed while it can be made up for; half a second of it is forgotten. */
static void test_too_slow(void **state)
{
	uint64_t half = pieces(50);

	for (int i = 0; i < 9; i++)
		assert_true(go_on(100, half));
	assert_true(go_on(0, 1));
	assert_false(go_on(0, UINT64_MAX));
	assert_int_equal(pace.done, pieces(900));
	for (int i = 0; i < 30; i++)
		assert_true(go_on(100, half));
	/* Of 1.5 s that were not done no more than half a second is made up for. */
	go_on(0, UINT64_MAX);
	assert_true(pace.done < pieces(900) + 30 * half + pieces(500));
	assert_int_equal(pace.active_ns, 3900 * MS);
}

static void test_rate_of_nothing(void **state)
{
	pace.bytes_per_s = 0;
	assert_false(go_on(100, UINT64_MAX));
	assert_int_equal(pace.done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rate, begin),
		cmocka_unit_test_setup(test_stop, begin),
		cmocka_unit_test_setup(test_late, begin),
		cmocka_unit_test_setup(test_too_slow, begin),
		cmocka_unit_test_setup(test_rate_of_nothing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
