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

static void test_cut(void **state)
{
	struct lu_timeline *t = three_upgrades(), *own;
	GArray *cycles = lu_cycles_find(t);
	size_t events = 0;

	assert_int_equal(cycles->len, 4);
	for (guint i = 0; i < cycles->len; i++) {
		own = lu_cycle_timeline(t, &g_array_index(cycles, struct lu_cycle, i));
		assert_non_null(lu_timeline_find(own, "engine", "trigger", 0));
		/* each begins with the kernel that answers then */
		assert_non_null(lu_timeline_find(own, "guest", "hello", 0));
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
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
