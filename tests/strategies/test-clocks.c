/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks that the service sees, across an upgrade by each kind of strategy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "engine/oracle.h"
#include "record/service-clock.h"
#include "tests/strategies/simrun.h"

#define MS INT64_C(1000000)

static struct simrun *run(const char *strategy, const char *params)
{
	struct simrun *simrun = simrun_new(
		simrun_plan(strategy, params, simrun_workload(strategy, "x86-q35"), "x86-q35"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	return simrun;
}

/* Carried into a time namespace they fall behind at most; without one it is the new kernel's. */
static void check_carried(const char *strategy)
{
	struct simrun *on = run(strategy, NULL), *off = run(strategy, "timens=off");
	struct lu_service_clock with = lu_service_clock_find(on->timeline);
	struct lu_service_clock without = lu_service_clock_find(off->timeline);

	assert_string_equal(simrun_verdict(on, "clock"), "pass");
	assert_true(with.own_after && with.late_ns > 0 && with.late_ns <= with.paused_ns);
	assert_string_equal(simrun_verdict(off, "clock"), "fail");
	assert_false(without.own_after);
	assert_true(without.back_ns > 0 && without.late_ns > without.paused_ns);
	simrun_free(on);
	simrun_free(off);
}

static void test_carried(void **state)
{
	check_carried("kexec");
	check_carried("failover");
	check_carried("image");
	check_carried("twophase");
	check_carried("warm");
}

/* Not the script's own doing: CRIU does it by itself. */
static void test_script(void **state)
{
	struct simrun *simrun = run("script", NULL);

	assert_string_equal(simrun_verdict(simrun, "clock"), "pass");
	assert_true(lu_service_clock_find(simrun->timeline).own_after);
	simrun_free(simrun);
}

/* A stopped machine's clocks all fall behind, that of the time of day too. */
static void test_pause(void **state)
{
	struct simrun *simrun = run("pause", "ms=700");
	struct lu_service_clock clock = lu_service_clock_find(simrun->timeline);

	assert_string_equal(simrun_verdict(simrun, "clock"), "pass");
	assert_in_range(clock.late_ns, 700 * MS, 710 * MS);
	assert_in_range(-clock.realtime_step_ns, 700 * MS, 710 * MS);
	simrun_free(simrun);
}

static void test_same_kernel(void **state)
{
	static const char *const strategies[] = {"null", "standby", "hotswap", "migrate"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		struct simrun *simrun = run(strategies[i], NULL);

		assert_string_equal(simrun_verdict(simrun, "clock"), "pass");
		simrun_free(simrun);
	}
}

/* Another process on another kernel: that its clocks are others' is said, and is no failure. */
static void check_another(const char *strategy, const char *params)
{
	struct simrun *simrun = run(strategy, params);

	assert_string_equal(simrun_verdict(simrun, "clock"), "waived");
	simrun_free(simrun);
}

static void test_not_carried(void **state)
{
	check_another("fast-reboot", NULL);
	check_another("warm", "state=app");
}

/* Undone, after the service was frozen and dumped. */
static void test_undone(void **state)
{
	struct simrun *simrun =
		simrun_new(simrun_plan_fault("kexec", "x86-q35", "PRESERVE", "error"));

	simrun_run(simrun);
	assert_true(simrun->report.rolled_back);
	assert_string_equal(simrun_verdict(simrun, "clock"), "pass");
	simrun_free(simrun);
}

/* The same record, but for the last reading: this clock is a minute behind, or without a clock there
 * is no reading. */
static struct lu_timeline *behind(const struct lu_timeline *timeline, const char *clock)
{
	struct lu_timeline *copy = lu_timeline_new();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		json_t *value = json_deep_copy(event->value), *time;

		if (g_str_equal(event->kind, "clock") && event->id) {
			if (!clock) {
				json_decref(value);
				continue;
			}
			time = json_object_get(value, clock);
			json_integer_set(time, json_integer_value(time) - 60000 * MS);
		}
		lu_timeline_add(copy, event->t_ns, event->source, event->kind, event->id, value);
	}
	return copy;
}

static void judge(const struct simrun *simrun, const char *clock, bool whole, bool connected,
		  const char *verdict)
{
	struct lu_timeline *timeline = behind(simrun->timeline, clock);
	const struct lu_finished_run finished = {.plan = simrun->plan,
						 .timeline = timeline,
						 .done = true,
						 .whole = whole,
						 .connected = connected,
						 .clock_error = "it was not told"};
	json_auto_t *oracles = json_object();
	const json_t *oracle;

	lu_oracle_clock(&finished, oracles);
	oracle = json_object_get(oracles, "clock");
	if (g_strcmp0(json_string_value(json_object_get(oracle, "verdict")), verdict) != 0)
		fail_msg("not %s: %s", verdict, json_dumps(oracle, 0));
	lu_timeline_free(timeline);
}

/* Either of them is enough, and so is one that can no longer be read. */
static void test_each_clock(void **state)
{
	struct simrun *simrun = run("kexec", NULL);

	judge(simrun, "monotonic_ns", true, true, "fail");
	judge(simrun, "boottime_ns", true, true, "fail");
	judge(simrun, "boottime_ns", true, false, "waived");
	judge(simrun, "realtime_error_ns", true, true, "pass");
	judge(simrun, NULL, true, true, "fail");
	judge(simrun, NULL, true, false, "waived");
	judge(simrun, NULL, false, true, "waived");
	simrun_free(simrun);
}

/* These clocks are no clocks. */
static void test_icount(void **state)
{
	struct simrun *simrun = run("kexec", NULL);

	g_free(simrun->plan->accel);
	simrun->plan->accel = g_strdup("icount");
	judge(simrun, "monotonic_ns", true, true, "waived");
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carried),	    cmocka_unit_test(test_script),
		cmocka_unit_test(test_pause),	    cmocka_unit_test(test_same_kernel),
		cmocka_unit_test(test_not_carried), cmocka_unit_test(test_undone),
		cmocka_unit_test(test_each_clock),  cmocka_unit_test(test_icount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
