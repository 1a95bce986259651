/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passing connections: how each ended, what is late, by hand. */
#include "tests/kit/cmocka-all.h"
#include "record/connects.h"
#include "record/metrics.h"
#include "tests/record/record.h"

/* connected_ms < 0: it never was. */
static void record_churn(struct lu_timeline *t, int64_t intended_ms, int64_t connected_ms,
			 int64_t end_ms, const char *end)
{
	static int number;
	json_t *value =
		json_pack("{s:I, s:s}", "intended_ns", (json_int_t)(intended_ms * MS), "end", end);

	if (connected_ms >= 0)
		json_object_set_new(value, "connected_ns", json_integer(connected_ms * MS));
	lu_timeline_add(t, end_ms * MS, "client", "churn", number++, value);
}

/* In the baseline 9 wait 2 ms and one 10 ms: the floor is 15 ms. */
static struct lu_timeline *baseline(void)
{
	struct lu_timeline *t = record_new();

	for (int i = 0; i < 9; i++)
		record_churn(t, 1000 + 100 * i, 1002 + 100 * i, 1003 + 100 * i, "answered");
	record_churn(t, 1900, 1910, 1911, "answered");
	return t;
}

static void test_ends_and_lateness(void **state)
{
	struct lu_timeline *t = baseline();

	record_churn(t, 2100, 2102, 2103, "answered");
	record_churn(t, 2200, 2215, 2216, "answered"); /* 15 ms: not above the floor */
	record_churn(t, 2300, 3300, 3301, "answered"); /* late */
	record_churn(t, 2400, 3400, 3500, "reset");    /* late, and then lost */
	record_churn(t, 2500, -1, 2501, "refused");
	record_churn(t, 2600, -1, 4600, "timeout");
	record_churn(t, 2700, -1, 2700, "host");
	lu_timeline_sort(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_int_equal(m.connects, 6);
	assert_int_equal(m.connects_refused, 1);
	assert_int_equal(m.connects_reset, 1);
	assert_int_equal(m.connects_timeout, 1);
	assert_int_equal(m.connects_late, 2);
	assert_int_equal(m.connect_floor_ns, 15 * MS);
	/* waits: 1, 2, 15, 1000, 1000, 2000 */
	assert_int_equal(m.connect_p50_ns, 15 * MS);
	assert_int_equal(m.connect_p99_ns, 2000 * MS);
	assert_int_equal(m.connect_max_ns, 2000 * MS);
	lu_timeline_free(t);
}

/* Where all wait alike the floor is four times that: 8 ms. */
static void test_floor_of_equal_waits(void **state)
{
	struct lu_timeline *t = record_new();

	for (int i = 0; i < 10; i++)
		record_churn(t, 1000 + 100 * i, 1002 + 100 * i, 1003 + 100 * i, "answered");
	record_churn(t, 2100, 2108, 2109, "answered");
	record_churn(t, 2200, 2209, 2210, "answered");
	lu_timeline_sort(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_int_equal(m.connect_floor_ns, 8 * MS);
	assert_int_equal(m.connects_late, 1);
	lu_timeline_free(t);
}

static void test_windows(void **state)
{
	struct lu_timeline *t = baseline();
	json_t *doc;

	record_churn(t, 1990, 1992, 2001, "answered"); /* ended after the trigger */
	record_churn(t, 2700, -1, 2700, "host");
	lu_timeline_sort(t);
	struct lu_connect_record record = lu_connects_find(t);

	assert_true(record.any);
	assert_int_equal(record.baseline.attempted, 10);
	assert_int_equal(record.baseline.answered, 10);
	assert_int_equal(record.baseline.late, 0);
	assert_int_equal(record.baseline.max_ns, 10 * MS);
	assert_int_equal(record.upgrade.attempted, 1);
	assert_int_equal(record.upgrade.host, 1);
	doc = lu_connects_to_json(t);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(doc, "upgrade"), "attempted")),
		1);
	json_decref(doc);
	lu_timeline_free(t);
}

/* A run without them says nothing of them, and 0 would say something. */
static void test_none(void **state)
{
	struct lu_timeline *t = record_new();
	struct lu_metrics m = lu_metrics_compute(t);
	json_t *doc = lu_metrics_to_json(&m, t);

	assert_int_equal(m.connects, -1);
	assert_true(json_is_null(json_object_get(doc, "connects")));
	assert_true(json_is_null(json_object_get(doc, "connects_refused")));
	assert_true(json_is_null(json_object_get(doc, "connect_p99_ns")));
	assert_true(json_is_null(json_object_get(doc, "connect")));
	json_decref(doc);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_and_lateness),
		cmocka_unit_test(test_floor_of_equal_waits),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
