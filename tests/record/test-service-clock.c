/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an upgrade did to the service's clocks: fell behind, went back, jumped ahead, by hand. */
#include "tests/kit/cmocka-all.h"
#include "record/metrics.h"
#include "record/service-clock.h"
#include "tests/record/record.h"

#define UPTIME 500000 /* of the service's kernel when the record begins, ms */

/* Read within 2 ms. */
static void record_clock(struct lu_timeline *t, int64_t ms, int number, int64_t monotonic_ms,
			 int64_t boottime_ms, int64_t error_ms)
{
	lu_timeline_add(t, (ms + 1) * MS, "guest", "clock", number,
			json_pack("{s:I, s:I, s:I, s:I, s:b}", "asked_ns",
				  (json_int_t)((ms - 1) * MS), "monotonic_ns",
				  (json_int_t)(monotonic_ms * MS), "boottime_ns",
				  (json_int_t)(boottime_ms * MS), "realtime_error_ns",
				  (json_int_t)(error_ms * MS), "own", number > 0));
}

/* Read at 1900 and at 4400, paused from 3000 to 3500. The clocks advance by so much. */
static struct lu_timeline *upgrade(int64_t monotonic_ms, int64_t boottime_ms)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 3000, 10, 1, 0);
	record_steady(t, 3500, 4900, 10, 1, 0);
	record_phase(t, 0, "PREPARE", 2000, 3000);
	record_phase(t, 1, "FREEZE", 3000, 3100);
	record_phase(t, 2, "RESUME", 3400, 3500);
	record_phase(t, 3, "FINISH", 3500, 4000);
	record_clock(t, 1900, 0, UPTIME, UPTIME, -100);
	record_clock(t, 4400, 1, UPTIME + monotonic_ms, UPTIME + boottime_ms, -700);
	lu_timeline_sort(t);
	return t;
}

static void test_fell_behind(void **state)
{
	struct lu_timeline *t = upgrade(2500 - 400, 2500);
	struct lu_service_clock clock = lu_service_clock_find(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_true(clock.known);
	assert_int_equal(clock.late_ns, 400 * MS);
	assert_int_equal(clock.boottime_late_ns, 0);
	/* a millisecond at each end, and 1000 ppm of 2.5 s */
	assert_int_equal(clock.within_ns, 2 * MS + 2500000);
	assert_int_equal(clock.back_ns, 0);
	assert_int_equal(clock.realtime_error_ns, -700 * MS);
	assert_int_equal(clock.realtime_step_ns, -600 * MS);
	assert_false(clock.own_before);
	assert_true(clock.own_after);
	assert_int_equal(m.timer_late_ns, 400 * MS);
	assert_int_equal(m.clock_back_ns, 0);
	lu_timeline_free(t);
}

/* Whoever lost more than the service was paused for was seen to go back. The blackout, of 510 ms, is
 * longer than the phases. */
static void test_went_back(void **state)
{
	struct lu_timeline *t = upgrade(2500 - 3000, 2500 - 600);
	struct lu_service_clock clock = lu_service_clock_find(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_in_range(clock.paused_ns, 500 * MS, 520 * MS);
	assert_int_equal(clock.back_ns, 3000 * MS - clock.paused_ns - clock.within_ns);
	assert_int_equal(clock.boottime_back_ns, 600 * MS - clock.paused_ns - clock.within_ns);
	assert_int_equal(m.clock_back_ns, clock.back_ns);
	lu_timeline_free(t);
}

static void test_jumped_ahead(void **state)
{
	struct lu_timeline *t = upgrade(2500 + 5000, 2500);
	struct lu_service_clock clock = lu_service_clock_find(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_int_equal(clock.late_ns, -5000 * MS);
	assert_int_equal(clock.back_ns, 0);
	assert_int_equal(m.timer_late_ns, 0);
	lu_timeline_free(t);
}

/* The machine of a migration is stopped before PREPARE has ended: its clock falls behind all the
 * same. */
static void test_stopped_in_prepare(void **state)
{
	struct lu_timeline *t = record_new();
	struct lu_service_clock clock;

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_steady(t, 3500, 4900, 10, 1, 0);
	record_lost(t, 2600, 3500, 0, "timeout");
	record_phase(t, 0, "PREPARE", 2000, 3400);
	record_phase(t, 1, "SWITCH", 3400, 3500);
	record_clock(t, 1900, 0, UPTIME, UPTIME, 0);
	record_clock(t, 4400, 1, UPTIME + 2500 - 900, UPTIME + 2500 - 900, 0);
	lu_timeline_sort(t);
	clock = lu_service_clock_find(t);
	assert_int_equal(clock.late_ns, 900 * MS);
	assert_int_equal(clock.back_ns, 0);
	lu_timeline_free(t);
}

/* One of several, paused for 500 ms; all clocks lose so much by it. */
static void record_upgrade(struct lu_timeline *t, int64_t at, int64_t lost_ms, bool read)
{
	record_engine(t, "baseline-begin", at);
	record_engine(t, "trigger", at + 1000);
	record_steady(t, at, at + 2000, 10, 1, 0);
	record_phase(t, 0, "FREEZE", at + 2000, at + 2500);
	record_steady(t, at + 2500, at + 3900, 10, 1, 0);
	record_clock(t, at + 900, 0, UPTIME, UPTIME, 0);
	if (read)
		record_clock(t, at + 3400, 1, UPTIME + 2500 - lost_ms, UPTIME + 2500 - lost_ms, 0);
}

static struct lu_service_clock across_two(int64_t first_ms, bool first, int64_t second_ms,
					  bool second)
{
	struct lu_timeline *t = lu_timeline_new();
	struct lu_service_clock clock;

	record_upgrade(t, 1000, first_ms, first);
	record_upgrade(t, 5000, second_ms, second);
	record_engine(t, "end", 9000);
	lu_timeline_sort(t);
	clock = lu_service_clock_find(t);
	lu_timeline_free(t);
	return clock;
}

/* Neither does the one that goes back hide behind the other, nor does one that was not read. */
static void test_several(void **state)
{
	for (int last = 0; last < 2; last++) {
		struct lu_service_clock clock =
			across_two(last ? 400 : 3000, true, last ? 3000 : 400, true);

		assert_true(clock.known);
		assert_int_equal(clock.late_ns, 3400 * MS);
		assert_int_equal(clock.boottime_late_ns, 3400 * MS);
		assert_in_range(clock.paused_ns, 1000 * MS, 1040 * MS);
		assert_in_range(clock.back_ns, 2470 * MS, 2500 * MS);
		assert_int_equal(clock.boottime_back_ns, clock.back_ns);
		assert_false(across_two(400, last, 400, !last).known);
	}
}

/* One reading says nothing, nor does one that is no reading. */
static void test_unknown(void **state)
{
	struct lu_timeline *t = record_new();
	struct lu_metrics m;
	json_t *doc;

	record_clock(t, 1900, 0, UPTIME, UPTIME, 0);
	lu_timeline_add(t, 4400 * MS, "guest", "clock", 1, json_pack("{s:s}", "asked_ns", "x"));
	lu_timeline_sort(t);
	m = lu_metrics_compute(t);
	doc = lu_metrics_to_json(&m, t);
	assert_false(lu_service_clock_find(t).known);
	assert_int_equal(m.timer_late_ns, -1);
	assert_true(json_is_null(json_object_get(doc, "clock")));
	assert_true(json_is_null(json_object_get(doc, "clock_back_ns")));
	json_decref(doc);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fell_behind),  cmocka_unit_test(test_went_back),
		cmocka_unit_test(test_jumped_ahead), cmocka_unit_test(test_stopped_in_prepare),
		cmocka_unit_test(test_several),	     cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
