/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several services on the simulated guest: each is judged and measured by what is its own, and what
 * goes wrong with the last one is no less wrong. */
#include "tests/kit/cmocka-all.h"
#include <inttypes.h>
#include <string.h>
#include "record/of-service.h"
#include "record/service-clock.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/sim.h"
#include "tests/strategies/several.h"

/* What is lost of one of them is told of that one. */
static void test_one_is_damaged(void **state)
{
	struct simrun *simrun = simrun_new(several_plan("kexec", "{}", "x86-q35", ""));
	json_t *result, *redis;

	lu_sim_damage_at_jump(simrun->guest, "reset-counter");
	simrun_run(simrun);
	result = several_result(simrun);
	assert_false(lu_result_good(result));
	redis = json_array_get(json_object_get(result, "services"), 1);
	assert_string_equal(json_string_value(json_object_get(redis, "name")), "redis");
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_object_get(redis, "oracles"), "dataset"), "verdict")),
		"fail");
	json_decref(result);
	simrun_free(simrun);
}

static enum lu_verdict judge_broken(void *data, char **evidence)
{
	*evidence = g_strdup("broken");
	return LU_FAIL;
}

static const struct lu_oracle broken[] = {{"broken", "never passes", false, judge_broken}, {NULL}};

/* The last one's oracle fails, the first is whole: the run is no good one, and after an undo the
 * services are not as they were. */
static void check_last_is_broken(const char *fault)
{
	struct lu_plan *plan = several_plan("kexec", "{}", "x86-q35", fault);
	struct lu_plan *last = (struct lu_plan *)lu_plan_service(plan, 2);
	struct lu_workload workload = *last->workload;
	struct simrun *simrun;
	json_t *result;

	workload.oracles = broken;
	last->workload = &workload;
	simrun = several_run(plan);
	result = several_result(simrun);
	assert_int_equal(simrun->report.outcome, *fault ? LU_FAILED : LU_OK);
	assert_false(lu_result_good(result));
	assert_false(simrun->report.rolled_back);
	if (!*fault)
		assert_true(simrun_all_pass(simrun));
	json_decref(result);
	simrun_free(simrun);
}

static void test_last_is_broken(void **state)
{
	check_last_is_broken("");
	check_last_is_broken(", \"fault\": {\"phase\": \"PRESERVE\"}");
}

static const char *evidence_of(const json_t *service, const char *oracle)
{
	const json_t *its = json_object_get(json_object_get(service, "oracles"), oracle);

	assert_string_equal(json_string_value(json_object_get(its, "verdict")), "pass");
	return json_string_value(json_object_get(its, "evidence"));
}

/* Each is judged by its own replies and its own clocks, which stood for as long as it did. */
static void test_judged_by_its_own(void **state)
{
	struct simrun *simrun = several_run(several_plan("kexec", "{}", "x86-q35", ""));
	json_t *result = several_result(simrun), *service;
	int64_t late_ns = 0;
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		const char *name = json_string_value(json_object_get(service, "name"));
		struct lu_timeline *own = lu_timeline_of_service(simrun->timeline, name);
		struct lu_service_clock clock = lu_service_clock_find(own);
		g_autofree char *correct = g_strdup_printf(
			"%" PRIu64 " correct", several_metrics(simrun, name).replies_ok);

		assert_true(g_str_has_prefix(evidence_of(service, "replies"), correct));
		evidence_of(service, "clock");
		assert_true(clock.known && clock.own_after && clock.late_ns <= clock.paused_ns);
		/* the lower its priority, the longer it stands */
		assert_true(clock.late_ns > late_ns);
		late_ns = clock.late_ns;
		lu_timeline_free(own);
	}
	json_decref(result);
	simrun_free(simrun);
}

static int64_t most(const struct simrun *simrun, const char *figure)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < lu_timeline_count(simrun->timeline); i++)
		bytes = MAX(bytes, json_integer_value(json_object_get(
					   lu_timeline_at(simrun->timeline, i)->value, figure)));
	return bytes;
}

/* The states of all of them, in the guest's memory and in its store. */
static void test_memory(void **state)
{
	static const char format[] =
		"{\"guest\": \"sim\", \"strategy\": \"kexec\", \"services\": [{\"workload\": "
		"\"tick\", \"priority\": 1, \"workload_params\": {\"state_mb\": %d}}, "
		"{\"workload\": "
		"\"dirty\", \"workload_params\": {\"dirty_mb\": %d, \"dirty_mb_per_s\": 0}}]}";
	static const struct {
		int tick_mb, dirty_mb, more_mb;
	} larger[] = {{65, 1, 64}, {1, 65, 64}, {65, 65, 128}};
	g_autofree char *small = g_strdup_printf(format, 1, 1);
	struct simrun *base = several_run(several_plan_of_text(small));

	for (size_t i = 0; i < G_N_ELEMENTS(larger); i++) {
		g_autofree char *text =
			g_strdup_printf(format, larger[i].tick_mb, larger[i].dirty_mb);
		struct simrun *simrun = several_run(several_plan_of_text(text));
		int64_t more = (int64_t)larger[i].more_mb << 20;

		assert_true(most(simrun, "store_bytes") - most(base, "store_bytes") >= more);
		assert_true(most(simrun, "used_bytes") - most(base, "used_bytes") >= more);
		simrun_free(simrun);
	}
	/* what the second one's client has to say of it */
	assert_true(json_is_object(json_object_get(
		json_object_get(base->report.environment, "other_workloads"), "dirty")));
	simrun_free(base);
}

/* The second one's link carries a small part of what is asked of it. */
static void test_second_is_saturated(void **state)
{
	static const char text[] =
		"{\"guest\": \"sim\", \"strategy\": \"kexec\", \"network\": {\"rate_kbps\": 15}, "
		"\"services\": [{\"workload\": \"tick\", \"priority\": 1, \"client\": "
		"{\"connections\": 1, \"rate_hz\": 2}}, {\"workload\": \"batch\", \"client\": "
		"{\"connections\": 1, \"rate_hz\": 200, \"timeout_ms\": 1500}}]}";
	struct simrun *simrun = several_run(several_plan_of_text(text));

	assert_int_equal(simrun->report.outcome, LU_TIMEOUT);
	if (!strstr(simrun->report.reason, "service batch was saturated before: ") ||
	    strstr(simrun->report.reason, "service tick was"))
		fail_msg("%s", simrun->report.reason);
	simrun_free(simrun);
}

/* The result has the metrics of each, and those at its top are the first one's. */
static void test_result(void **state)
{
	struct simrun *simrun = several_run(several_plan("kexec", "{}", "x86-q35", ""));
	json_t *result = several_result(simrun), *again = json_deep_copy(result);
	json_t *metrics = json_object_get(result, "metrics"), *first = json_deep_copy(metrics);
	json_t *all = json_object_get(metrics, "services");

	json_object_del(first, "services");
	assert_true(json_equal(first, json_object_get(all, "critical")));
	assert_int_equal(json_object_size(all), 3);
	assert_true(json_integer_value(json_object_get(
			    json_object_get(json_object_get(all, "batch"), "work"), "stolen_ns")) >
		    0);
	assert_null(json_object_get(json_object_get(all, "redis"), "work"));
	lu_result_recompute(again, simrun->timeline);
	assert_true(json_equal(result, again));
	json_decref(first);
	json_decref(again);
	json_decref(result);
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_is_damaged),	    cmocka_unit_test(test_last_is_broken),
		cmocka_unit_test(test_judged_by_its_own),   cmocka_unit_test(test_memory),
		cmocka_unit_test(test_second_is_saturated), cmocka_unit_test(test_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
