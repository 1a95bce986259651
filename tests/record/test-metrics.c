/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden tests: metrics of hand-made timelines whose right answers are worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include "record/metrics.h"
#include "record/phase-load.h"
#include "tests/record/record.h"

/* Sorts, computes, frees. */
static struct lu_metrics compute(struct lu_timeline *t)
{
	lu_timeline_sort(t);
	struct lu_metrics metrics = lu_metrics_compute(t);

	lu_timeline_free(t);
	return metrics;
}

static void test_steady(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.blackout_begin_ns, 0);
	assert_int_equal(m.longest_gap_ns, 0);
	assert_int_equal(m.steady_interval_ns, 10 * MS);
	assert_int_equal(m.blackout_floor_ns, 40 * MS); /* 4 × 10 beats 1.5 × 10 */
	assert_int_equal(m.brownout_ns, 0);
	assert_int_equal(m.ttr90_ns, 0);
	assert_int_equal(m.baseline_p50_ns, 1 * MS);
	assert_int_equal(m.baseline_max_ns, 1 * MS);
	assert_true(m.baseline_goodput_hz == 100);
	assert_int_equal(m.requests, 400);
	assert_int_equal(m.replies_ok, 400);
	assert_int_equal(m.blackout_worst_connection_ns, 0);
	assert_int_equal(m.total_ns, 2000 * MS);
	assert_int_equal(m.prepare_ns, -1);
	assert_int_equal(m.activation_ns, -1);
}

/* Replies up to 2491, those asked for in 2500 … 2990 all at 3000, then as before. */
static struct lu_timeline *paused(void)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 2500, 3000, 10, 3000, 0);
	record_steady(t, 3000, 5000, 10, 1, 0);
	return t;
}

static void test_pause(void **state)
{
	struct lu_metrics m = compute(paused());

	assert_int_equal(m.blackout_ns, (3000 - 2491 - 10) * MS);
	assert_int_equal(m.longest_gap_ns, m.blackout_ns);
	assert_int_equal(m.blackout_begin_ns, 2491 * MS);
	assert_int_equal(m.blackout_end_ns, 3000 * MS);
	assert_int_equal(m.blackout_requests, 50);
	assert_int_equal(m.blackout_worst_connection_ns, m.blackout_ns);
	assert_int_equal(m.max_latency_ns, 500 * MS);
	/* 40 replies take 400 ms here: the first window after the gap holds the late ones. */
	assert_int_equal(m.brownout_ns, 400 * MS);
	assert_int_equal(m.ttr90_ns, 1000 * MS);
	assert_int_equal(m.recovery90_ns, (3000 - 2491) * MS);
}

/* Windows end when the last reply is expected, 100 ms after the last request at 4990, and not with
 * that request: of what was asked from 4800 on every other is lost, so the last window, 4400 to 5090,
 * holds 60 replies, and 61.1 are 90 % of 69, less one. To 4990 there are 55, of 52.1. */
static void test_brownout_ends_with_the_last_reply(void **state)
{
	struct lu_timeline *t = lu_timeline_new();

	record_engine(t, "baseline-begin", 1000);
	record_engine(t, "trigger", 2000);
	record_engine(t, "end", 6000);
	record_steady(t, 900, 4800, 10, 100, 0);
	for (int64_t ms = 4800; ms < 5000; ms += 20) {
		record_reply(t, ms, ms + 100, 0, true, NULL);
		record_lost(t, ms + 10, 5500, 0, "end");
	}
	struct lu_metrics m = compute(t);

	assert_int_equal(m.baseline_p50_ns, 100 * MS);
	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.brownout_ns, 690 * MS);
}

/* No gap is above the floor, but from 3600 to 4000 only every other request is answered: goodput is
 * back at 4000, two seconds after the trigger and 400 ms after the dip began. */
static void test_dip_after_a_good_second(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 3600, 10, 1, 0);
	for (int64_t ms = 3600; ms < 4000; ms += 20) {
		record_reply(t, ms, ms + 1, 0, true, NULL);
		record_lost(t, ms + 10, ms + 19, 0, "reset");
	}
	record_steady(t, 4000, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.brownout_ns, 400 * MS); /* a window: 40 replies take as long */
	assert_int_equal(m.ttr90_ns, 2000 * MS);
	assert_int_equal(m.recovery90_ns, 400 * MS);
}

static void test_wrong_replies_do_not_end_it(void **state)
{
	struct lu_timeline *t = paused();

	record_reply(t, 2500, 2700, 0, false, NULL);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 499 * MS);
	assert_int_equal(m.replies_wrong, 1);
	assert_int_equal(m.replies_ok, 400);
}

static void test_longer_of_two_gaps(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2100, 10, 1, 0);
	record_burst(t, 2100, 2700, 10, 2700, 0);
	record_steady(t, 2700, 3000, 10, 1, 0);
	record_burst(t, 3000, 3200, 10, 3200, 0);
	record_steady(t, 3200, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, (2700 - 2091 - 10) * MS);
	assert_int_equal(m.blackout_end_ns, 2700 * MS);
	/* Recovered is who stays so: from the end of the second. */
	assert_int_equal(m.ttr90_ns, 1200 * MS);
	assert_int_equal(m.recovery90_ns, (3200 - 2091) * MS); /* from the first */
}

static void test_later_of_two_gaps_is_longer(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2100, 10, 1, 0);
	record_burst(t, 2100, 2300, 10, 2300, 0);
	record_steady(t, 2300, 3000, 10, 1, 0);
	record_burst(t, 3000, 3500, 10, 3500, 0);
	record_steady(t, 3500, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_begin_ns, 2991 * MS);
	assert_int_equal(m.blackout_end_ns, 3500 * MS);
}

static void test_never_again(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	for (int ms = 2500; ms < 4500; ms += 10)
		record_lost(t, ms, 5000, 0, "end");
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, (5000 - 2491 - 10) * MS);
	assert_int_equal(m.blackout_end_ns, 5000 * MS);
	assert_int_equal(m.blackout_requests, 200);
	assert_int_equal(m.ttr90_ns, -1);
	assert_int_equal(m.recovery90_ns, -1);
	assert_int_equal(m.brownout_ns, 0); /* all of it is blackout */
	assert_int_equal(m.lost_end, 200);
	assert_int_equal(m.max_latency_ns, 2500 * MS);
}

static void test_no_reply_ever(void **state)
{
	struct lu_timeline *t = record_new();

	for (int ms = 1000; ms < 4500; ms += 10)
		record_lost(t, ms, ms, 0, "refused");
	struct lu_metrics m = compute(t);

	assert_int_equal(m.steady_interval_ns, 10 * MS); /* of the intended times */
	assert_int_equal(m.blackout_begin_ns, 2000 * MS);
	assert_int_equal(m.blackout_ns, (3000 - 10) * MS);
	assert_int_equal(m.lost_refused, 350);
	assert_int_equal(m.ttr90_ns, -1);
	assert_int_equal(m.activation_ns, -1);
}

static void test_empty(void **state)
{
	struct lu_metrics m = compute(lu_timeline_new());

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.requests, 0);
	assert_int_equal(m.total_ns, -1);
	assert_int_equal(m.ttr90_ns, -1);
}

static void test_no_trigger(void **state)
{
	struct lu_timeline *t = lu_timeline_new();

	record_engine(t, "baseline-begin", 1000);
	record_steady(t, 1000, 1500, 10, 1, 0);
	record_steady(t, 2500, 3000, 10, 1, 0);
	record_engine(t, "end", 3100);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.longest_gap_ns, 0);
	assert_int_equal(m.requests, 100);
}

static void test_baseline_gap_raises_floor(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 1500, 10, 1, 0);
	record_burst(t, 1500, 1590, 10, 1591, 0); /* a gap of 100 ms from 1491 */
	record_steady(t, 1600, 2500, 10, 1, 0);
	record_burst(t, 2500, 2600, 10, 2611, 0); /* 120 ms from 2491 */
	record_steady(t, 2610, 5000, 10, 2, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_floor_ns, 150 * MS);
	assert_int_equal(m.longest_gap_ns, 110 * MS);
	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.blackout_end_ns, 0);
}

static void test_idle_client(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_steady(t, 3500, 5000, 10, 1, 0); /* nothing was asked for a second */
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.longest_gap_ns, 1 * MS); /* 3490 … 3501, less 10 */
}

static void test_gap_after_idling(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 3500, 3700, 10, 3700, 0);
	record_steady(t, 3700, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_begin_ns, 3490 * MS);
	assert_int_equal(m.blackout_ns, 200 * MS);
}

static void test_silence_without_requests_at_the_end(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 3000, 10, 1, 0); /* the load ends, the record goes on for an audit */
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.brownout_ns, 0);
	assert_int_equal(m.ttr90_ns, 0);
}

static void test_one_connection_stalls(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 5000, 20, 1, 0);
	record_steady(t, 1010, 2500, 20, 1, 1);
	record_burst(t, 2510, 3010, 20, 3010, 1);
	record_steady(t, 3010, 5000, 20, 1, 1);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.steady_interval_ns, 10 * MS);
	/* On it: from 2491 to 3010, less its own interval of 20. */
	assert_int_equal(m.blackout_worst_connection_ns, 499 * MS);
}

static void test_version_by_boundary(void **state)
{
	struct lu_timeline *t = paused();

	record_hello(t, 900, 0, "6.1.0-1", -1);
	record_hello(t, 2900, 1, "6.1.0-2", -1);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.activation_ns, 491 * MS);
}

static void test_version_said_by_reply(void **state)
{
	struct lu_timeline *t = record_new();

	record_hello(t, 900, 0, "v1", -1);
	record_steady(t, 1000, 2500, 10, 1, 0);
	record_reply(t, 2500, 2501, 0, true, "v2");
	record_reply(t, 2510, 2511, 1, true, "v1"); /* both answer for a while */
	record_reply(t, 2520, 2521, 0, true, "v2");
	record_reply(t, 2530, 2591, 1, true, "v1");
	record_reply(t, 2540, 2592, 0, true, "v2");
	struct lu_metrics m = compute(t);

	assert_int_equal(m.activation_ns, 591 * MS);
}

/* What was replaced before the trigger is not this upgrade's doing. */
static void test_version_before_the_trigger(void **state)
{
	struct lu_timeline *t = record_new();

	for (int ms = 1000; ms < 5000; ms += 10)
		record_reply(t, ms, ms + 1, 0, true, ms < 1500 ? "v0" : "v1");
	assert_int_equal(compute(t).activation_ns, -1);
}

static void test_brownout_by_goodput(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2000, 10, 1, 0);
	for (int ms = 2000; ms < 2800; ms += 10) /* every other request is lost */
		if (ms % 20)
			record_lost(t, ms, ms + 5, 0, "timeout");
		else
			record_reply(t, ms, ms + 1, 0, true, NULL);
	record_steady(t, 2800, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	assert_int_equal(m.brownout_ns, 800 * MS); /* two windows of 400 */
	assert_int_equal(m.ttr90_ns, 800 * MS);
	assert_int_equal(m.recovery90_ns, 800 * MS); /* no gap: from the first low window */
	assert_int_equal(m.lost_timeout, 40);
}

static void test_brownout_by_latency(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2400, 10, 1, 0);
	record_steady(t, 2400, 2800, 10, 11, 0); /* 11 × the baseline's */
	record_steady(t, 2800, 5000, 10, 1, 0);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.blackout_ns, 0);
	/* Arrivals 2411 … 2801 touch two windows. */
	assert_int_equal(m.brownout_ns, 800 * MS);
	assert_int_equal(m.ttr90_ns, 0);
}

static void test_ten_times_latency_is_not_brown(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2400, 10, 1, 0);
	record_steady(t, 2400, 5000, 10, 10, 0);
	assert_int_equal(compute(t).brownout_ns, 0);
}

static void test_loss(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 3000, 10, 1, 0);
	record_lost(t, 3000, 3500, 0, "reset");
	record_lost(t, 3010, 3500, 0, "reset");
	record_lost(t, 3020, 3500, 0, "timeout");
	lu_timeline_add(t, 3500 * MS, "client", "conn", 0, json_pack("{s:s}", "state", "reset"));
	lu_timeline_add(t, 3600 * MS, "client", "conn", 0, json_pack("{s:s}", "state", "up"));
	struct lu_metrics m = compute(t);

	assert_int_equal(m.lost_reset, 2);
	assert_int_equal(m.lost_timeout, 1);
	assert_int_equal(m.connections_reset, 1);
	assert_int_equal(m.requests, 203);
}

static void test_prepare(void **state)
{
	struct lu_timeline *t = record_new();

	record_phase(t, 0, "PREPARE", 2000, 2300);
	record_phase(t, 1, "FREEZE", 2310, 2400);
	assert_int_equal(compute(t).prepare_ns, 310 * MS);
}

static void test_memory(void **state)
{
	struct lu_timeline *t = record_new();

	record_memory(t, 500, 999, 999, 999, 999); /* before the baseline: does not count */
	record_memory(t, 1000, 90, 0, 5, 40);
	record_memory(t, 1500, 110, 0, 5, 60);	/* means: 100, 0, 5, 50 */
	record_memory(t, 2500, 300, 50, 5, 80); /* +250 for one second */
	record_memory(t, 3500, 100, 50, 75,
		      50); /* +70, the store being in the files, for half a second */
	record_memory(t, 4000, 20, 0, 5, 50); /* less than before: counts 0 */
	struct lu_metrics m = compute(t);

	assert_int_equal(m.extra_bytes_peak, 250);
	assert_int_equal(m.host_extra_bytes_peak, 30);
	/* 2000 … 2500 still holds the sample of 1500: +10. */
	assert_true(m.extra_byte_seconds > 289.999 && m.extra_byte_seconds < 290.001);
}

/* It is there from 2500 to 3500, and extra as a whole whatever the guest says meanwhile. */
static void test_memory_of_two_machines(void **state)
{
	struct lu_timeline *t = record_new();

	record_memory(t, 1500, 100, 0, 0, 50);
	record_other(t, 1500, 0);
	record_other(t, 2500, 400);
	record_memory(t, 3000, 150, 0, 0, 50);
	record_other(t, 3500, 0);
	record_memory(t, 4500, 100, 0, 0, 50);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.extra_bytes_peak, 450);
	assert_int_equal(m.host_extra_bytes_peak, 0);
	/* 400 and 450 for half a second each, 50 for one */
	assert_float_equal(m.extra_byte_seconds, 475, 0.001);
}

/* Two replies right before its end, one wrong, one after it; one machine more for half of it. */
static void test_phase_load(void **state)
{
	struct lu_timeline *t = record_new();

	record_memory(t, 1500, 100, 0, 0, 50);
	record_other(t, 1500, 0);
	record_phase(t, 0, "PREPARE", 2000, 2500);
	record_reply(t, 2090, 2100, 0, true, NULL);
	record_reply(t, 2100, 2101, 0, false, NULL);
	record_other(t, 2250, 400);
	record_reply(t, 2380, 2400, 0, true, NULL);
	record_reply(t, 2390, 2600, 0, true, NULL);
	record_other(t, 2500, 0);
	record_phase(t, 1, "FREEZE", 2500, 2500);
	lu_timeline_sort(t);
	json_t *list = lu_phase_load(t), *first = json_array_get(list, 0);

	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(first, "phase")), "PREPARE");
	assert_int_equal(json_integer_value(json_object_get(first, "ns")), 500 * MS);
	assert_int_equal(json_integer_value(json_object_get(first, "replies")), 2);
	assert_float_equal(json_real_value(json_object_get(first, "goodput_hz")), 4, 0);
	assert_int_equal(json_integer_value(json_object_get(first, "p50_ns")), 10 * MS);
	assert_int_equal(json_integer_value(json_object_get(first, "p99_ns")), 20 * MS);
	assert_int_equal(json_integer_value(json_object_get(first, "extra_bytes")), 200);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "replies")),
			 0);
	json_decref(list);
	lu_timeline_free(t);
}

static void test_memory_unknown(void **state)
{
	struct lu_timeline *t = record_new();

	record_memory(t, 1500, 100, -1, -1, -1);
	record_memory(t, 2500, 150, -1, -1, -1);
	struct lu_metrics m = compute(t);

	assert_int_equal(m.extra_bytes_peak, 50);
	assert_int_equal(m.host_extra_bytes_peak, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_brownout_ends_with_the_last_reply),
		cmocka_unit_test(test_dip_after_a_good_second),
		cmocka_unit_test(test_wrong_replies_do_not_end_it),
		cmocka_unit_test(test_longer_of_two_gaps),
		cmocka_unit_test(test_later_of_two_gaps_is_longer),
		cmocka_unit_test(test_never_again),
		cmocka_unit_test(test_no_reply_ever),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_trigger),
		cmocka_unit_test(test_baseline_gap_raises_floor),
		cmocka_unit_test(test_idle_client),
		cmocka_unit_test(test_gap_after_idling),
		cmocka_unit_test(test_silence_without_requests_at_the_end),
		cmocka_unit_test(test_one_connection_stalls),
		cmocka_unit_test(test_version_by_boundary),
		cmocka_unit_test(test_version_said_by_reply),
		cmocka_unit_test(test_version_before_the_trigger),
		cmocka_unit_test(test_brownout_by_goodput),
		cmocka_unit_test(test_brownout_by_latency),
		cmocka_unit_test(test_ten_times_latency_is_not_brown),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_of_two_machines),
		cmocka_unit_test(test_phase_load),
		cmocka_unit_test(test_memory_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
