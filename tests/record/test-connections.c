/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worst connection: right where connections are many and each asks seldom. */
#include "tests/kit/cmocka-all.h"
#include "record/metrics.h"
#include "tests/record/record.h"

/* Requests every step_ms from 1000 to 5000, in turn on n connections, answered after 1 ms. What is
 * due in [dark, light) is answered at light, except on connection `served` (-1: none is). */
struct scene {
	int step_ms, n, dark, light, served;
};

static struct lu_timeline *play(const struct scene *scene)
{
	struct lu_timeline *t = record_new();
	int conn = 0;

	for (int ms = 1000; ms < 5000; ms += scene->step_ms) {
		bool waits = ms >= scene->dark && ms < scene->light && conn != scene->served;

		record_reply(t, ms, waits ? scene->light : ms + 1, conn, true, NULL);
		conn = (conn + 1) % scene->n;
	}
	return t;
}

static struct lu_metrics compute(struct lu_timeline *t)
{
	lu_timeline_sort(t);
	struct lu_metrics metrics = lu_metrics_compute(t);

	lu_timeline_free(t);
	return metrics;
}

/* Two of three connections have not asked anything when it begins. */
static void test_61_connections_at_20_hz(void **state)
{
	const struct scene scene = {50, 61, 2500, 3000, -1};
	struct lu_metrics m = compute(play(&scene));

	assert_int_equal(m.blackout_ns, 499 * MS); /* 2451 … 3000, less 50 */
	/* Due at 2500, the first of its connection: 500, of which 1 ms is usual. */
	assert_int_equal(m.blackout_worst_connection_ns, 500 * MS);
	assert_int_equal(m.blackout_worst_connection_floor_ns, 200 * MS);
}

static void test_1024_connections_at_1000_hz(void **state)
{
	const struct scene scene = {1, 1024, 2500, 2637, -1};
	struct lu_metrics m = compute(play(&scene));

	assert_int_equal(m.blackout_ns, 136 * MS); /* 2500 … 2637, less 1 */
	/* 1477 … 2637, less 1024 */
	assert_int_equal(m.blackout_worst_connection_ns, 136 * MS);
	assert_int_equal(m.blackout_worst_connection_floor_ns, 4 * MS);
}

static void test_defaults(void **state)
{
	const struct scene scene = {5, 8, 2500, 2637, -1};
	struct lu_metrics m = compute(play(&scene));

	assert_int_equal(m.blackout_ns, 136 * MS);		    /* 2496 … 2637, less 5 */
	assert_int_equal(m.blackout_worst_connection_ns, 136 * MS); /* 2461 … 2637, less 40 */
	assert_int_equal(m.blackout_worst_connection_floor_ns, 20 * MS);
}

static void test_seven_of_eight_are_dark(void **state)
{
	const struct scene scene = {5, 8, 2500, 4300, 0};
	struct lu_metrics m = compute(play(&scene));

	assert_int_equal(m.blackout_ns, 35 * MS); /* the eighth is served every 40 */
	/* Of the one that is due at 2500: 2461 … 4300, less 40. */
	assert_int_equal(m.blackout_worst_connection_ns, 1799 * MS);
	assert_int_equal(m.max_latency_ns, 1800 * MS);
}

/* One request of one connection is late by 100 ms in the baseline, while the others are served; so
 * is one after the trigger. Nothing else happens, or all are dark for 60 ms. */
static struct lu_timeline *with_a_late_request(const struct scene *scene)
{
	struct lu_timeline *t = play(scene);

	record_reply(t, 1500, 1601, 99, true, NULL);
	for (int ms = 1100; ms < 5000; ms += 100)
		if (ms != 1500 && ms != 3500)
			record_reply(t, ms, ms + 1, 99, true, NULL);
	record_reply(t, 3500, 3601, 99, true, NULL);
	return t;
}

static void test_noise_of_one_is_not_a_blackout(void **state)
{
	const struct scene scene = {5, 8, 0, 0, -1};
	struct lu_metrics m = compute(with_a_late_request(&scene));

	assert_int_equal(m.blackout_ns, 0);
	/* 1401 … 1601 less 100, times 1.5 */
	assert_int_equal(m.blackout_worst_connection_floor_ns, 150 * MS);
	assert_int_equal(m.blackout_worst_connection_ns, 0);
}

static void test_noise_of_one_does_not_hide_a_blackout(void **state)
{
	const struct scene scene = {5, 8, 2510, 2571, -1};
	struct lu_metrics m = compute(with_a_late_request(&scene));

	assert_int_equal(m.blackout_ns, 60 * MS);
	assert_int_equal(m.blackout_worst_connection_ns, 60 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_61_connections_at_20_hz),
		cmocka_unit_test(test_1024_connections_at_1000_hz),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_seven_of_eight_are_dark),
		cmocka_unit_test(test_noise_of_one_is_not_a_blackout),
		cmocka_unit_test(test_noise_of_one_does_not_hide_a_blackout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
