/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports on one of several services: names of metrics, bounds, what is left out, the summary. */
#include <math.h>
#include <stdlib.h>
#include "tests/kit/cmocka-all.h"
#include "bench/cli.h"
#include "bench/report/counted.h"
#include "bench/report/metric.h"
#include "bench/report/of-service.h"
#include "bench/report/summary.h"
#include "bench/report/values.h"

/* redis dark for 2 s, tick for less than 20 ms; redis' validity as given. */
static json_t *result_with(const char *validity, const char *reasons)
{
	json_t *metrics =
		json_pack("{s:i, s:i, s:{s:i}, s:{s:{s:i, s:{s:i}}, s:{s:i, s:{}, s:i}}}",
			  "requests", 9, "blackout_ns", 0, "censored", "blackout_ns", 20000000,
			  "services", "tick", "blackout_ns", 0, "censored", "blackout_ns", 20000000,
			  "redis", "blackout_ns", 2000000000, "censored", "lost_reset", 3);
	json_t *result = json_pack(
		"{s:{s:s}, s:{s:s, s:s, s:s, s:s, s:i}, s:s, s:{}, s:o, s:{s:s}, "
		"s:[{s:s, s:s, s:i, s:{}, s:{s:s}}, {s:s, s:s, s:i, s:{s:{s:s, s:s}}, s:{s:s}}]}",
		"run", "id", "r", "plan", "strategy", "s", "workload", "tick", "guest", "qemu",
		"machine", "m", "seed", 1, "outcome", "ok", "oracles", "metrics", metrics,
		"validity", "verdict", "sound", "services", "name", "tick", "workload", "tick",
		"priority", 1, "oracles", "validity", "verdict", "sound", "name", "redis",
		"workload", "redis", "priority", 0, "oracles", "dataset", "verdict", "waived",
		"evidence", "e", "validity", "verdict", validity);
	json_t *redis = json_array_get(json_object_get(result, "services"), 1);

	json_object_set_new(json_object_get(redis, "validity"), "reasons",
			    json_loads(reasons, 0, NULL));
	return result;
}

static json_t *blackout_of(const json_t *result, const char *name)
{
	return lu_metric_get(json_object_get(result, "metrics"), name);
}

static void test_names(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *title = NULL, *service = NULL;

	assert_string_equal(lu_metric_find("services.redis.blackout", &error),
			    "services.redis.blackout_ns");
	assert_string_equal(lu_metric_find("services.redis.run.p99", &error),
			    "services.redis.latency.run.p99_ns");
	assert_string_equal(lu_metric_find("services.b.work.stolen", &error),
			    "services.b.work.stolen_ns");
	assert_string_equal(lu_metric_find("work.lost", &error), "work.lost");
	assert_null(lu_metric_find("services.redis.blackouts", &error));
	assert_non_null(strstr(error->message, "services.NAME.METRIC"));
	title = lu_metric_title("services.redis.blackout_ns");
	assert_string_equal(title, "redis blackout");
	assert_string_equal(lu_metric_of_service("services.a-b.x.y", &service), "x.y");
	assert_string_equal(service, "a-b");
	assert_string_equal(lu_metric_of_service("services", NULL), "services");
}

/* Of a service, too, what is below its floor is only known to be below it. */
static void test_bound(void **state)
{
	json_t *result = result_with("sound", "[]");
	const json_t *metrics = json_object_get(result, "metrics");
	struct lu_values *values = lu_values_new();
	const char *name = "services.tick.blackout_ns";

	lu_values_add(values, metrics, name, blackout_of(result, name));
	const struct lu_censored x = lu_values_get(values);

	assert_int_equal(x.n, 1);
	assert_true(x.low[0] == 0 && x.high[0] == 20000000);
	lu_values_free(values);
	json_decref(result);
}

static void test_suspect(void **state)
{
	static const char name[] = "services.redis.blackout_ns";
	json_t *sound = result_with("sound", "[]"), *suspect = result_with("suspect", "[{}]");
	json_t *part = result_with("suspect", "[{\"metrics\": [\"blackout_ns\"]}]"), *counted;

	counted = lu_counted_result(sound, false);
	assert_ptr_equal(counted, sound);
	json_decref(counted);
	counted = lu_counted_result(suspect, false);
	assert_null(blackout_of(counted, name));
	assert_null(blackout_of(counted, "services.redis.lost_reset"));
	assert_non_null(blackout_of(counted, "services.tick.blackout_ns"));
	json_decref(counted);
	counted = lu_counted_result(suspect, true);
	assert_non_null(blackout_of(counted, name));
	json_decref(counted);
	counted = lu_counted_result(part, false);
	assert_null(blackout_of(counted, name));
	assert_non_null(blackout_of(counted, "services.redis.lost_reset"));
	json_decref(counted);
	json_decref(part);
	json_decref(suspect);
	json_decref(sound);
}

static void test_seen_by(void **state)
{
	json_t *result = result_with("suspect", "[{}]"), *its = json_incref(result);
	struct lu_timeline *timeline = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(lu_of_service(&its, &timeline, "redis", &error));
	assert_int_equal(json_integer_value(blackout_of(its, "blackout_ns")), 2000000000);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(its, "plan"), "workload")),
		"redis");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(result, "plan"), "workload")),
		"tick");
	assert_non_null(json_object_get(json_object_get(its, "oracles"), "dataset"));
	assert_int_equal(lu_result_validity(its), LU_SUSPECT);
	json_decref(its);
	its = json_incref(result);
	assert_true(lu_of_service(&its, &timeline, NULL, &error));
	assert_int_equal(json_integer_value(blackout_of(its, "blackout_ns")), 0);
	assert_int_equal(lu_result_validity(its), LU_SOUND);
	json_decref(its);
	its = json_incref(result);
	assert_false(lu_of_service(&its, &timeline, "nobody", &error));
	assert_string_equal(error->message,
			    "--service: r has no service 'nobody'; allowed: tick, redis");
	json_decref(its);
	json_decref(result);
}

static void test_timeline_of(void **state)
{
	json_t *result = result_with("sound", "[]"), *its = json_incref(result);
	struct lu_timeline *timeline = lu_timeline_new();

	lu_timeline_add(timeline, 1, "client:tick", "reply", 0, NULL);
	lu_timeline_add(timeline, 2, "client:redis", "lost", 0, NULL);
	assert_true(lu_of_service(&its, &timeline, "redis", NULL));
	assert_int_equal(lu_timeline_count(timeline), 1);
	assert_string_equal(lu_timeline_at(timeline, 0)->kind, "lost");
	lu_timeline_free(timeline);
	json_decref(its);
	its = json_incref(result);
	timeline = lu_timeline_new();
	lu_timeline_add(timeline, 1, "client:tick", "reply", 0, NULL);
	assert_true(lu_of_service(&its, &timeline, NULL, NULL));
	assert_string_equal(lu_timeline_at(timeline, 0)->source, "client");
	lu_timeline_free(timeline);
	json_decref(its);
	json_decref(result);
}

static void test_summary(void **state)
{
	json_t *result = result_with("suspect", "[{}]");
	json_t *work = json_pack("{s:i, s:i, s:i, s:i}", "stolen_ns", 1500000000, "stolen_floor_ns",
				 0, "lost", 40, "lost_ns", 400000000);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_object_set_new((json_t *)lu_cli_get(result, "metrics.services.redis"), "work", work);
	lu_summary_print(out, result, NULL, NULL);
	fclose(out);
	assert_non_null(strstr(text, "tick, priority 1: blackout < 20 ms, 0 lost\n"));
	assert_non_null(strstr(text, "redis, priority 0: blackout 2.000 s, 3 lost, work: "
				     "1.500 s stolen, 40 units (400 ms) lost (suspect)\n"));
	assert_non_null(strstr(text, "oracles of redis\n"));
	free(text);
	json_decref(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_bound),
		cmocka_unit_test(test_suspect),	    cmocka_unit_test(test_seen_by),
		cmocka_unit_test(test_timeline_of), cmocka_unit_test(test_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
