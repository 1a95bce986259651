/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users waited: quantiles by hand, requests that were never answered, buckets. */
#include "tests/kit/cmocka-all.h"
#include "record/latency.h"
#include "record/metrics.h"
#include "tests/record/record.h"

static void test_quantiles(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2000, 10, 1, 0);
	for (int i = 1; i <= 1000; i++) /* waits of 1 … 1000 ms */
		record_reply(t, 2000, 2000 + i, 0, true, NULL);
	lu_timeline_sort(t);
	struct lu_metrics m = lu_metrics_compute(t);

	assert_int_equal(m.p50_ns, 500 * MS);
	assert_int_equal(m.p90_ns, 900 * MS);
	assert_int_equal(m.p99_ns, 990 * MS);
	assert_int_equal(m.p999_ns, 999 * MS);
	assert_int_equal(m.max_latency_ns, 1000 * MS);
	assert_int_equal(m.baseline_p99_ns, 1 * MS);
	lu_timeline_free(t);
}

/* 90 right after 1 ms, 10 given up after 500: the median stands, p99 is at least 500. */
static void test_lost_requests_wait_until_given_up(void **state)
{
	struct lu_timeline *t = record_new();

	for (int i = 0; i < 90; i++)
		record_reply(t, 2000 + i, 2001 + i, 0, true, NULL);
	for (int i = 0; i < 10; i++)
		record_lost(t, 3000 + i, 3500 + i, 0, "timeout");
	lu_timeline_sort(t);
	struct lu_samples *samples = lu_samples_new(t);
	struct lu_latency latency = lu_latency_find(samples, 2000 * MS, 5000 * MS);

	assert_int_equal(latency.requests, 100);
	assert_int_equal(latency.unanswered, 10);
	assert_int_equal(latency.ns[LU_P50], 1 * MS);
	assert_int_equal(latency.ns[LU_P90], 1 * MS);
	assert_int_equal(latency.ns[LU_P99], 500 * MS);
	assert_false(latency.lower_bound[LU_P50]);
	assert_false(latency.lower_bound[LU_P90]);
	assert_true(latency.lower_bound[LU_P99]);
	assert_true(latency.lower_bound[LU_PMAX]);
	lu_samples_free(samples);
	lu_timeline_free(t);
}

/* Refused at once: quick to be told so, which makes nothing quick. */
static void test_quick_refusals_lower_no_quantile_unsaid(void **state)
{
	struct lu_timeline *t = record_new();

	for (int i = 0; i < 60; i++)
		record_lost(t, 2000 + i, 2000 + i, 0, "refused");
	for (int i = 0; i < 40; i++)
		record_reply(t, 2100 + i, 2105 + i, 0, true, NULL);
	lu_timeline_sort(t);
	struct lu_samples *samples = lu_samples_new(t);
	struct lu_latency latency = lu_latency_find(samples, 2000 * MS, 5000 * MS);

	assert_int_equal(latency.ns[LU_P50], 0);
	assert_true(latency.lower_bound[LU_P50]);
	assert_true(latency.lower_bound[LU_PMAX]);
	lu_samples_free(samples);
	lu_timeline_free(t);
}

static void test_buckets(void **state)
{
	static const int64_t values[] = {0,   1,   63,	 64,	  65,	      127,	 128,
					 129, 130, 1000, 1000000, 3614000000, G_MAXINT64};

	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		unsigned bucket = lu_latency_bucket(values[i]);
		int64_t low = lu_latency_bucket_ns(bucket);

		assert_true(low <= values[i]);
		assert_true(bucket < 64 * 58);
		assert_true(values[i] - low <= low / 64);
		if (values[i] < G_MAXINT64)
			assert_true(values[i] < lu_latency_bucket_ns(bucket + 1));
	}
	assert_int_equal(lu_latency_bucket(127), 127);
	assert_int_equal(lu_latency_bucket(128), 128);
	assert_int_equal(lu_latency_bucket(129), 128);
	assert_int_equal(lu_latency_bucket(-5), 0);
}

static void test_histogram_counts_all(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2000, 10, 1, 0);
	record_steady(t, 2000, 5000, 10, 3, 0);
	lu_timeline_sort(t);
	struct lu_samples *samples = lu_samples_new(t);
	json_t *doc = lu_latency_to_json(samples), *upgrade = json_object_get(doc, "upgrade");
	json_t *buckets = json_object_get(upgrade, "buckets");

	assert_int_equal(json_array_size(buckets), 1);
	assert_int_equal(json_integer_value(json_array_get(buckets, 0)), lu_latency_bucket(3 * MS));
	assert_int_equal(json_integer_value(json_array_get(json_object_get(upgrade, "counts"), 0)),
			 300);
	assert_int_equal(json_array_size(json_object_get(json_object_get(doc, "run"), "buckets")),
			 2);
	json_decref(doc);
	lu_samples_free(samples);
	lu_timeline_free(t);
}

/* Requests of one class, or of none, each answered after so long. */
static void add_class(struct lu_timeline *t, const char *class, int64_t from_ms, int n,
		      int64_t wait_ms)
{
	for (int i = 0; i < n; i++)
		lu_timeline_add(t, (from_ms + i + wait_ms) * MS, "client", "reply", 0,
				json_pack("{s:I, s:i, s:b, s:s*}", "intended_ns",
					  (json_int_t)((from_ms + i) * MS), "conn", 0, "ok", 1,
					  "class", class));
}

static json_t *latency_of(struct lu_timeline *t)
{
	lu_timeline_sort(t);
	struct lu_samples *samples = lu_samples_new(t);
	json_t *doc = lu_latency_to_json(samples);

	lu_samples_free(samples);
	return doc;
}

static json_int_t figure(const json_t *doc, const char *class, const char *window, const char *name)
{
	const json_t *windows = json_object_get(json_object_get(doc, "by_class"), class);

	assert_non_null(windows);
	return json_integer_value(json_object_get(json_object_get(windows, window), name));
}

/* What is under way at the trigger ends in the upgrade, and is one of its waits; of two classes each is
 * told. */
static void test_under_way_at_the_trigger(void **state)
{
	struct lu_timeline *t = record_new();

	add_class(t, "read", 1500, 10, 2);
	add_class(t, "write", 1990, 5, 40);
	json_t *doc = latency_of(t);

	assert_int_equal(json_object_size(json_object_get(doc, "by_class")), 2);
	assert_int_equal(figure(doc, "read", "baseline", "requests"), 10);
	assert_int_equal(figure(doc, "write", "baseline", "requests"), 0);
	assert_int_equal(figure(doc, "write", "upgrade", "requests"), 5);
	json_decref(doc);
	lu_timeline_free(t);
}

/* 90 reads after 1 ms and 10 writes after 40: over all, p90 tells nothing of what writers wait. */
static void test_classes_are_told_apart(void **state)
{
	struct lu_timeline *t = record_new();

	add_class(t, "read", 1500, 10, 2);
	add_class(t, "read", 2100, 90, 1);
	add_class(t, "write", 2100, 10, 40);
	add_class(t, NULL, 2300, 1, 7);
	json_t *doc = latency_of(t), *classes = json_object_get(doc, "classes");

	assert_int_equal(json_array_size(classes), 3);
	assert_string_equal(json_string_value(json_array_get(classes, 0)), "read");
	assert_string_equal(json_string_value(json_array_get(classes, 1)), "steady");
	assert_string_equal(json_string_value(json_array_get(classes, 2)), "write");
	assert_int_equal(figure(doc, "read", "upgrade", "requests"), 90);
	assert_int_equal(figure(doc, "read", "upgrade", "p99_ns"), 1 * MS);
	assert_int_equal(figure(doc, "read", "baseline", "p50_ns"), 2 * MS);
	assert_int_equal(figure(doc, "read", "run", "requests"), 100);
	assert_int_equal(figure(doc, "write", "upgrade", "p50_ns"), 40 * MS);
	assert_int_equal(figure(doc, "steady", "run", "max_ns"), 7 * MS);
	json_decref(doc);
	lu_timeline_free(t);
}

static void test_one_class_is_not_said_twice(void **state)
{
	static const char *const each[] = {NULL, "write"};

	for (int i = 0; i < 2; i++) {
		struct lu_timeline *t = record_new();

		add_class(t, each[i], 2100, 10, 1);
		json_t *doc = latency_of(t), *classes = json_object_get(doc, "classes");

		assert_int_equal(json_array_size(classes), 1);
		assert_string_equal(json_string_value(json_array_get(classes, 0)),
				    i ? "write" : "steady");
		assert_int_equal(json_object_size(json_object_get(doc, "by_class")), 0);
		json_decref(doc);
		lu_timeline_free(t);
	}
}

/* A damaged record names a class for each request: all are counted, few are told apart. */
static void test_a_thousand_classes(void **state)
{
	struct lu_timeline *t = record_new();
	json_int_t sum = 0;
	const char *class;
	json_t *windows;

	for (int i = 0; i < 1000; i++) {
		g_autofree char *name = g_strdup_printf("class-%d", i);

		add_class(t, name, 2100 + i, 1, 1);
	}
	json_t *doc = latency_of(t);

	assert_int_equal(json_object_size(json_object_get(doc, "by_class")), 17);
	assert_int_equal(figure(doc, "other", "run", "requests"), 1000 - 16);
	json_object_foreach(json_object_get(doc, "by_class"), class, windows) sum +=
		json_integer_value(json_object_get(json_object_get(windows, "run"), "requests"));
	assert_int_equal(sum, 1000);
	json_decref(doc);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_lost_requests_wait_until_given_up),
		cmocka_unit_test(test_quick_refusals_lower_no_quantile_unsaid),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_histogram_counts_all),
		cmocka_unit_test(test_under_way_at_the_trigger),
		cmocka_unit_test(test_classes_are_told_apart),
		cmocka_unit_test(test_one_class_is_not_said_twice),
		cmocka_unit_test(test_a_thousand_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
