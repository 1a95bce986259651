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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_lost_requests_wait_until_given_up),
		cmocka_unit_test(test_quick_refusals_lower_no_quantile_unsaid),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_histogram_counts_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
