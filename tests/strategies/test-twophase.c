/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twophase: what a blackout costs over the size of the state, when rounds end, and what it does to
 * a run when memory does not come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "record/metrics.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

static struct simrun *run(const char *strategy, const char *params)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, params, "tick", "x86-q35"));

	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun))
		fail_msg("%s %s: %s: %s", strategy, params, lu_outcome_name(simrun->report.outcome),
			 simrun->report.reason);
	return simrun;
}

static struct lu_metrics measure(const char *strategy, const char *params)
{
	struct simrun *simrun = run(strategy, params);
	struct lu_metrics metrics = lu_metrics_compute(simrun->timeline);

	simrun_free(simrun);
	return metrics;
}

/* Largest blackout over the smallest. */
static double growth(const char *strategy, const char *params)
{
	g_autofree char *small = g_strdup_printf("state_mb=16 %s", params);
	g_autofree char *large = g_strdup_printf("state_mb=512 %s", params);

	return (double)measure(strategy, large).blackout_ns /
	       (double)measure(strategy, small).blackout_ns;
}

static void test_blackout_over_state(void **state)
{
	double kexec = growth("kexec", ""), eager = growth("twophase", "restore=eager");

	assert_true(kexec > 1.5);
	assert_true(eager > 1.3);
	assert_true(growth("twophase", "restore=lazy") < 1.3);
}

/* What the service does not wait for is paid while it answers. */
static void test_memory_comes_later(void **state)
{
	struct lu_metrics eager = measure("twophase", "state_mb=256 restore=eager");
	struct lu_metrics lazy = measure("twophase", "state_mb=256 restore=lazy");

	assert_true(lazy.blackout_ns < eager.blackout_ns);
	assert_true(lazy.total_ns - lazy.blackout_ns > eager.total_ns - eager.blackout_ns);
	assert_true(lazy.prepare_ns > measure("twophase", "state_mb=16 restore=lazy").prepare_ns);
	assert_true(lazy.extra_bytes_peak >= 256 << 20);
}

/* What was tried and loses memory says so before anything is booted. */
static void test_mapped_is_unsupported(void **state)
{
	struct lu_plan *plan = simrun_plan("twophase", "restore=mapped", "tick", "x86-q35");
	g_autoptr(GError) error = NULL;

	assert_false(lu_plan_feasible(plan, &error));
	assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
	assert_non_null(strstr(error->message, "allowed: lazy, eager"));
	lu_plan_free(plan);
}

static const char *note_of(const struct simrun *simrun, const char *name)
{
	for (size_t i = 0; i < lu_timeline_count(simrun->timeline); i++) {
		const struct lu_event *e = lu_timeline_at(simrun->timeline, i);

		if (g_str_equal(e->kind, "note") &&
		    g_str_equal(json_string_value(json_object_get(e->value, "name")), name))
			return json_string_value(json_object_get(e->value, "text"));
	}
	return NULL;
}

static void check_stop(const char *params, const char *why)
{
	struct simrun *simrun = run("twophase", params);

	assert_string_equal(note_of(simrun, "precopy.stop"), why);
	simrun_free(simrun);
}

/* Each end of the stop rule, and what it says of it. */
static void test_rounds_end(void **state)
{
	check_stop("state_mb=64 small_mb=1024", "small");
	check_stop("state_mb=64 rounds=1 small_mb=0", "bound");
	check_stop("state_mb=64 rounds=16 small_mb=0 shrink_percent=1", "level");
}

/* Who sleeps is copied first, and the rounds after that copy only what it has done since. */
static void test_sleepers(void **state)
{
	struct simrun *busy = run("twophase", "sleepers_ms=100");
	struct simrun *idle = run("twophase", "sleepers_ms=1 state_mb=64 small_mb=4");

	assert_true(g_str_has_prefix(note_of(busy, "precopy.sleepers"), "0 of 1 "));
	assert_true(g_str_has_prefix(note_of(idle, "precopy.sleepers"), "1 of 1 "));
	assert_string_equal(note_of(idle, "precopy.stop"), "small");
	simrun_free(busy);
	simrun_free(idle);
}

/* The service may not go on with zeros for what is missing. */
static void test_memory_does_not_come(void **state)
{
	struct simrun *simrun =
		simrun_new(simrun_plan("twophase", "restore=lazy", "tick", "x86-q35"));

	lu_sim_fail_verb(simrun->guest, "memory.wait", LU_ERROR_FAILED, "the filler died");
	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_FAILED);
	assert_string_equal(simrun->report.phase, "FINISH");
	assert_non_null(strstr(simrun->report.reason, "the filler died"));
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blackout_over_state),
		cmocka_unit_test(test_memory_comes_later),
		cmocka_unit_test(test_mapped_is_unsupported),
		cmocka_unit_test(test_rounds_end),
		cmocka_unit_test(test_sleepers),
		cmocka_unit_test(test_memory_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
