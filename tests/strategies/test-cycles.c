/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several upgrades of one system, there and back, on the simulated guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

static struct lu_plan *plan_of(const char *strategy, int cycles)
{
	struct lu_plan *one =
		simrun_plan_light(strategy, simrun_workload(strategy, "x86-q35"), "x86-q35");
	json_t *doc = json_deep_copy(one->doc);
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan;

	json_object_set_new(doc, "cycles", json_integer(cycles));
	plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);
	if (!plan)
		fail_msg("%s", error->message);
	json_decref(doc);
	lu_plan_free(one);
	return plan;
}

static unsigned count(const struct lu_timeline *timeline, const char *source, const char *kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		n += g_str_equal(event->source, source) && g_str_equal(event->kind, kind);
	}
	return n;
}

/* Each is carried out, and the release that runs in the end is the one that it has to be. */
static void check_repeats(const char *strategy, int cycles)
{
	struct simrun *simrun = simrun_new(plan_of(strategy, cycles));
	bool back = cycles % 2 == 0 || !simrun->plan->strategy->switches;

	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK)
		fail_msg("%s: %s", strategy, simrun->report.reason);
	if (!simrun_all_pass(simrun))
		fail_msg("%s: %s", strategy, json_dumps(simrun->report.oracles, 0));
	assert_int_equal(count(simrun->timeline, "engine", "trigger"), cycles);
	assert_int_equal(count(simrun->timeline, "engine", "finish"), cycles);
	assert_string_equal(simrun_verdict(simrun, "cycles"), "pass");
	assert_string_equal(
		simrun->guest->ops->kernel(simrun->guest),
		simrun->guest->ops->release(simrun->guest, back ? LU_RELEASE_OLD : LU_RELEASE_NEW));
	simrun_free(simrun);
}

static void test_all_that_can(void **state)
{
	unsigned found = 0;

	for (const struct lu_strategy *const *s = lu_strategies; *s; s++) {
		if (!(*s)->repeats)
			continue;
		check_repeats((*s)->name, 3);
		check_repeats((*s)->name, 2);
		found++;
	}
	assert_true(found >= 4);
}

static void test_refused(void **state)
{
	struct lu_plan *plan = plan_of("livepatch", 2);
	g_autoptr(GError) error = NULL;

	assert_false(lu_plan_feasible(plan, &error));
	assert_int_equal(error->code, LU_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "cycles"));
	lu_plan_free(plan);
}

/* A failure says in which upgrade, and the service goes on as it was before that one. */
static void test_failure(void **state)
{
	struct lu_plan *plan = plan_of("kexec", 3);
	json_t *doc = json_deep_copy(plan->doc);
	struct simrun *simrun;
	g_autoptr(GError) error = NULL;

	lu_plan_free(plan);
	json_object_set_new(doc, "fault",
			    json_pack("{s:s, s:s}", "phase", "PRESERVE", "kind", "error"));
	plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);
	assert_non_null(plan);
	simrun = simrun_new(plan);
	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_FAILED);
	assert_non_null(strstr(simrun->report.reason, "upgrade 1 of 3: "));
	assert_true(simrun->report.rolled_back);
	assert_string_equal(simrun_verdict(simrun, "cycles"), "waived");
	json_decref(doc);
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_can),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
