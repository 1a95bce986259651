/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record with several upgrades: cut into theirs, their figures, what they left behind. */
#include "tests/kit/cmocka-all.h"
#include "record/cycle-figures.h"
#include "record/cycles.h"
#include "record/metrics.h"
#include "tests/record/record.h"

#define MB INT64_C(1000000)

static int64_t number(const json_t *of, const char *name)
{
	assert_true(json_is_integer(json_object_get(of, name)));
	return json_integer_value(json_object_get(of, name));
}

static void record_census(struct lu_timeline *t, int64_t ms, int descriptors)
{
	lu_timeline_add(t, ms * MS, "guest", "census", 0,
			json_pack("{s:i}", "descriptors", descriptors));
}

/* Answered at once. */
static void record_clock(struct lu_timeline *t, int64_t ms, int64_t shown_ms)
{
	lu_timeline_add(t, ms * MS, "guest", "clock", 0,
			json_pack("{s:I, s:I, s:I}", "asked_ns", (json_int_t)(ms * MS),
				  "monotonic_ns", (json_int_t)(shown_ms * MS), "boottime_ns",
				  (json_int_t)(shown_ms * MS)));
}

/* No more than is in use before an upgrade. */
static void record_baseline(struct lu_timeline *t, int64_t at, int64_t used, int64_t qemu,
			    int descriptors)
{
	record_engine(t, "baseline-begin", at);
	record_memory(t, at + 100, used, 0, 0, qemu);
	record_census(t, at + 200, descriptors);
	record_engine(t, "trigger", at + 500);
}

/* One upgrade from `at` on: baseline of a second, dark for `dark_ms`, three seconds in all. */
static void record_upgrade(struct lu_timeline *t, int64_t at, int64_t dark_ms, int64_t used_mb)
{
	record_engine(t, "baseline-begin", at);
	record_steady(t, at, at + 1200, 10, 1, 0);
	record_memory(t, at + 100, used_mb * MB, 0, 0, 100 * MB);
	record_memory(t, at + 900, used_mb * MB, 0, 0, 100 * MB);
	record_census(t, at + 950, 9);
	record_engine(t, "trigger", at + 1000);
	record_phase(t, 0, "FREEZE", at + 1200, at + 1200 + dark_ms);
	record_burst(t, at + 1200, at + 1200 + dark_ms, 10, at + 1200 + dark_ms, 0);
	record_steady(t, at + 1200 + dark_ms, at + 2900, 10, 1, 0);
	record_engine(t, "finish", at + 2000);
}

/* The first baseline, of a freshly booted system, is no part of the slope. */
static struct lu_timeline *three_upgrades(void)
{
	struct lu_timeline *t = lu_timeline_new();

	record_hello(t, 500, 0, "old", 100);
	record_upgrade(t, 1000, 100, 50);
	record_upgrade(t, 4000, 200, 60);
	record_upgrade(t, 7000, 300, 62);
	record_upgrade(t, 10000, 400, 64);
	record_engine(t, "end", 13000);
	lu_timeline_sort(t);
	return t;
}

static void test_figures(void **state)
{
	struct lu_timeline *t = three_upgrades();
	struct lu_leaks leaks = lu_leaks_find(t);
	json_t *doc = lu_cycles_to_json(t), *each = json_object_get(doc, "each");

	assert_int_equal(number(doc, "count"), 4);
	assert_int_equal(json_array_size(each), 4);
	for (int i = 0; i < 4; i++) {
		const json_t *one = json_array_get(each, i);
		int64_t dark = (i + 1) * 100 * MS;

		assert_in_range(number(one, "blackout_ns"), dark - 5 * MS, dark + 15 * MS);
		assert_int_equal(number(one, "lost"), 0);
		assert_int_equal(number(one, "descriptors"), 9);
		assert_int_equal(number(one, "total_ns"), 1000 * MS);
		assert_true(json_is_null(json_object_get(one, "timer_late_ns")));
	}
	assert_int_equal(number(json_array_get(each, 0), "guest_bytes"), 50 * MB);
	assert_true(leaks.guest && leaks.host && leaks.descriptors);
	assert_float_equal(leaks.guest_bytes, 2e6, 1);
	assert_float_equal(leaks.host_bytes, 0, 1);
	assert_float_equal(leaks.descriptors_each, 0, 1e-6);
	json_decref(doc);
	lu_timeline_free(t);
}

/* It counts in the upgrade in which it was, and in no other. */
static void test_own_figures(void **state)
{
	struct lu_timeline *t = three_upgrades();
	json_t *doc, *one;

	record_lost(t, 5100, 5200, 0, "timeout");
	record_lost(t, 5110, 5200, 0, "reset");
	record_lost(t, 5120, 5200, 0, "refused");
	record_lost(t, 5130, 5200, 0, "end");
	record_reply(t, 5140, 5200, 0, false, NULL);
	lu_timeline_add(t, 5210 * MS, "client", "conn", 0, json_pack("{s:s}", "state", "reset"));
	/* after the baseline it is the upgrade's own */
	record_memory(t, 5300, 900 * MB, 0, 0, 900 * MB);
	record_clock(t, 4900, 1000);
	record_clock(t, 6500, 100);
	record_phase(t, 0, "PREPARE", 5000, 5050);
	lu_timeline_sort(t);
	doc = lu_cycles_to_json(t);
	for (int i = 0; i < 4; i++) {
		one = json_array_get(json_object_get(doc, "each"), i);
		assert_int_equal(number(one, "lost"), i == 1 ? 4 : 0);
		assert_int_equal(number(one, "replies_wrong"), i == 1);
		assert_int_equal(number(one, "connections_reset"), i == 1);
		assert_int_equal(number(one, "guest_bytes"), (i ? 58 + 2 * i : 50) * MB);
		assert_int_equal(number(one, "host_bytes"), 100 * MB);
		assert_true(number(one, "requests") > 100);
	}
	one = json_array_get(json_object_get(doc, "each"), 1);
	assert_int_equal(number(one, "timer_late_ns"), 2500 * MS);
	assert_in_range(number(one, "clock_back_ns"), 2200 * MS, 2400 * MS);
	assert_int_equal(number(one, "prepare_ns"), 200 * MS);
	json_decref(doc);
	lu_timeline_free(t);
}

/* Each has its own slope; a line through two baselines says nothing. */
static void test_slopes(void **state)
{
	static const int64_t used_mb[] = {50, 52, 55, 56};
	struct lu_timeline *t = lu_timeline_new();
	json_t *doc;

	for (int i = 0; i < 3; i++)
		record_baseline(t, 1000 + i * 1000, used_mb[i] * MB, (100 + 3 * i) * MB, 9 + i);
	doc = lu_cycles_to_json(t);
	assert_true(json_is_null(json_object_get(doc, "guest_bytes_each")));
	assert_true(json_is_null(json_object_get(doc, "descriptors_each")));
	json_decref(doc);
	record_baseline(t, 4000, used_mb[3] * MB, 109 * MB, 12);
	doc = lu_cycles_to_json(t);
	assert_float_equal(json_real_value(json_object_get(doc, "guest_bytes_each")), 2e6, 1);
	/* of 52, 55, 56: residuals of 1/3, 2/3 and 1/3, and t(0.975, 1) = 12.706 */
	assert_float_equal(json_real_value(json_object_get(doc, "guest_bytes_within")), 7.336e6,
			   1e3);
	assert_float_equal(json_real_value(json_object_get(doc, "host_bytes_each")), 3e6, 1);
	assert_float_equal(json_real_value(json_object_get(doc, "descriptors_each")), 1, 1e-6);
	json_decref(doc);
	lu_timeline_free(t);
}

static void test_cut(void **state)
{
	struct lu_timeline *t = three_upgrades(), *own;
	const struct lu_event *hello;
	size_t events = 0;
	GArray *cycles;

	record_hello(t, 2250, 1, "new", 100);
	lu_timeline_sort(t);
	cycles = lu_cycles_find(t);
	assert_int_equal(cycles->len, 4);
	for (guint i = 0; i < cycles->len; i++) {
		own = lu_cycle_timeline(t, &g_array_index(cycles, struct lu_cycle, i));
		assert_non_null(lu_timeline_find(own, "engine", "trigger", 0));
		/* each begins with the kernel that answers then */
		hello = lu_timeline_find(own, "guest", "hello", 0);
		assert_non_null(hello);
		assert_string_equal(json_string_value(json_object_get(hello->value, "kernel")),
				    i ? "new" : "old");
		events += lu_timeline_count(own) - (i > 0);
		lu_timeline_free(own);
	}
	assert_int_equal(events, lu_timeline_count(t));
	g_array_unref(cycles);
	lu_timeline_free(t);
}

static void test_one_is_none(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	json_t *doc;

	record_upgrade(t, 1000, 100, 50);
	record_engine(t, "end", 4000);
	lu_timeline_sort(t);
	doc = lu_cycles_to_json(t);
	assert_true(json_is_null(doc));
	assert_int_equal(lu_leaks_find(t).cycles, 1);
	assert_false(lu_leaks_find(t).guest);
	json_decref(doc);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),	    cmocka_unit_test(test_own_figures),
		cmocka_unit_test(test_slopes),	    cmocka_unit_test(test_cut),
		cmocka_unit_test(test_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
