/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text summary and groups: what the blackout leaves out, and what was not measured. */
#include <stdlib.h>
#include "tests/kit/cmocka-all.h"
#include "bench/report/group.h"
#include "bench/report/summary.h"
#include "record/metrics.h"
#include "tests/record/record.h"

static json_t *result_of(struct lu_timeline *t)
{
	lu_timeline_sort(t);
	struct lu_metrics metrics = lu_metrics_compute(t);

	return json_pack("{s:{s:s}, s:{s:s, s:s, s:s, s:s}, s:s, s:{}, s:o}", "run", "id", "r",
			 "plan", "strategy", "s", "workload", "w", "guest", "sim", "machine", "m",
			 "outcome", "ok", "oracles", "metrics", lu_metrics_to_json(&metrics, t));
}

/* Caller frees. */
static char *summary_of(const json_t *result, void (*print)(FILE *out, const json_t *result))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, result);
	fclose(out);
	return text;
}

static void print_all(FILE *out, const json_t *result)
{
	lu_summary_print(out, result, NULL, NULL);
}

/* 200 requests a second on eight connections, seven of which are dark from 2500 to 4300. */
static void test_seven_of_eight_dark_are_seen(void **state)
{
	struct lu_timeline *t = record_new();

	for (int i = 0; i < 800; i++) {
		int ms = 1000 + 5 * i, conn = i % 8;
		bool waits = ms >= 2500 && ms < 4300 && conn;

		record_reply(t, ms, waits ? 4300 : ms + 1, conn, true, NULL);
	}
	record_phase(t, 0, "PREPARE", 2000, 2400);
	json_t *result = result_of(t);
	char *text = summary_of(result, print_all);

	assert_non_null(strstr(text, "blackout    35 ms"));
	assert_non_null(strstr(text, "worst connection dark 1.799 s"));
	assert_non_null(strstr(text, "longest wait 1.800 s"));
	assert_non_null(strstr(text, "brownout 1.750 s"));
	assert_non_null(strstr(text, "interruptions, together"));
	assert_non_null(strstr(text, "PREPARE     200 replies/s; in the baseline 200/s"));
	free(text);
	json_decref(result);
	lu_timeline_free(t);
}

/* Nothing above the floor of 40 ms is not a blackout of 0. */
static json_t *quiet(void)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 5000, 10, 1, 0);
	json_t *result = result_of(t);

	lu_timeline_free(t);
	return result;
}

static json_t *paused(int ms)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 2500, 2500 + ms, 10, 2500 + ms, 0);
	record_steady(t, 2500 + ms, 5000, 10, 1, 0);
	json_t *result = result_of(t);

	lu_timeline_free(t);
	return result;
}

static void test_below_the_floor_is_not_0(void **state)
{
	json_t *result = quiet();
	char *full = summary_of(result, print_all), *line = summary_of(result, lu_summary_short);

	assert_non_null(strstr(full, "blackout    < 40 ms"));
	assert_non_null(strstr(full, "worst connection dark < 40 ms"));
	assert_non_null(strstr(line, "blackout < 40 ms"));
	free(full);
	free(line);
	json_decref(result);
}

/* As an earlier version left it. */
static void make_old(json_t *result)
{
	json_t *metrics = json_object_get(result, "metrics");
	static const char *const keys[] = {"censored",
					   "interruptions",
					   "interruptions_count",
					   "interruptions_sum_ns",
					   "switchover_ns",
					   "latency",
					   "recovery90_ns",
					   "p50_ns",
					   "p90_ns",
					   "p99_ns",
					   "p999_ns",
					   "blackout_worst_connection_floor_ns"};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		json_object_del(metrics, keys[i]);
}

static void test_old_results_open(void **state)
{
	json_t *result = quiet();

	make_old(result);
	char *text = summary_of(result, print_all);

	assert_non_null(strstr(text, "blackout    < 40 ms"));
	assert_non_null(strstr(text, "longest wait 1 ms"));
	assert_null(strstr(text, "worst connection"));
	assert_non_null(strstr(text, "validity    unknown: recorded by an earlier version"));
	free(text);
	json_decref(result);
}

static void put_validity(json_t *result, const char *text)
{
	json_t *validity = json_loads(text, 0, NULL);

	assert_non_null(validity);
	json_object_set_new(result, "validity", validity);
}

/* What is suspect, in figures, and what to do; and what could not be looked at. */
static void test_validity(void **state)
{
	json_t *result = quiet();

	put_validity(result,
		     "{\"verdict\": \"suspect\", \"not_checked\": [{\"key\": \"cpu-short\"}], "
		     "\"reasons\": [{\"key\": \"saturated\", \"what\": \"136 of 200\", \"advice\": "
		     "\"lower it\"}, {\"key\": \"client-late\", \"what\": \"9 ms\", \"advice\": "
		     "\"wait\"}]}");
	char *text = summary_of(result, print_all), *line = summary_of(result, lu_summary_line);

	assert_non_null(strstr(text, "validity    suspect; not checked: cpu-short\n"
				     "            saturated: 136 of 200\n"
				     "              → lower it\n"
				     "            client-late: 9 ms\n"
				     "              → wait\n"));
	assert_non_null(strstr(line, " suspect (saturated, client-late)"));
	free(text);
	free(line);
	put_validity(result, "{\"verdict\": \"unknown\", \"reasons\": [], \"not_checked\": []}");
	text = summary_of(result, print_all);
	assert_non_null(strstr(text, "validity    unknown: no upgrade began\n"));
	free(text);
	json_decref(result);
}

static char *group_text(json_t *results)
{
	json_t *summary = lu_group_summary(results, false);
	char *text = summary_of(summary, lu_group_print);

	json_decref(summary);
	json_decref(results);
	return text;
}

/* Two of three see nothing: the median is below their floor, not 0. */
static void test_median_is_a_bound(void **state)
{
	for (int old = 0; old < 2; old++) {
		json_t *first = quiet(), *second = quiet();

		if (old) {
			make_old(first);
			make_old(second);
		}
		char *text = group_text(json_pack("[o, o, o]", first, second, paused(500)));

		assert_non_null(strstr(text, "blackout    median < 40 ms"));
		assert_non_null(strstr(text, "min < 40 ms  max 499 ms"));
		free(text);
	}
}

static void test_median_stands(void **state)
{
	char *text = group_text(json_pack("[o, o, o]", quiet(), paused(300), paused(500)));

	assert_non_null(strstr(text, "blackout    median 299 ms"));
	assert_non_null(strstr(text, "min < 40 ms  max 499 ms"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seven_of_eight_dark_are_seen),
		cmocka_unit_test(test_below_the_floor_is_not_0),
		cmocka_unit_test(test_old_results_open),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_median_is_a_bound),
		cmocka_unit_test(test_median_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
