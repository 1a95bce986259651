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

/* The same plan with so many upgrades; takes it. */
static struct lu_plan *repeated(struct lu_plan *one, int cycles)
{
	json_t *doc = json_deep_copy(one->doc);
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan;

	json_object_set_new(doc, "cycles", json_integer(cycles));
	/* the script's peers, whom nobody makes retransmit, may wait for the seventh time */
	json_object_set_new(json_object_get(doc, "client"), "timeout_ms", json_integer(60000));
	plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);
	if (!plan)
		fail_msg("%s", error->message);
	json_decref(doc);
	lu_plan_free(one);
	return plan;
}

static struct lu_plan *plan_of(const char *strategy, int cycles)
{
	return repeated(
		simrun_plan_light(strategy, simrun_workload(strategy, "x86-q35"), "x86-q35"),
		cycles);
}

static struct lu_plan *plan_with(const char *strategy, const char *params, const char *workload,
				 int cycles)
{
	return repeated(simrun_plan(strategy, params, workload, "x86-q35"), cycles);
}

static unsigned count(const struct lu_timeline *timeline, const char *source, const char *kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		n += lu_event_is(event, source, kind);
	}
	return n;
}

static struct simrun *run_all(struct lu_plan *plan)
{
	struct simrun *simrun = simrun_new(plan);
	const char *strategy = plan->strategy->name;

	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK)
		fail_msg("%s: %s", strategy, simrun->report.reason);
	if (!simrun_all_pass(simrun))
		fail_msg("%s: %s", strategy, json_dumps(simrun->report.oracles, 0));
	assert_int_equal(count(simrun->timeline, "engine", "trigger"), plan->cycles);
	assert_int_equal(count(simrun->timeline, "engine", "finish"), plan->cycles);
	/* three baselines or fewer have no slope */
	assert_string_equal(simrun_verdict(simrun, "cycles"), "waived");
	return simrun;
}

/* Each is carried out, and the release that runs in the end is the one that it has to be. */
static void check_repeats(struct lu_plan *plan)
{
	struct simrun *simrun = run_all(plan);
	const struct lu_guest_ops *ops = simrun->guest->ops;
	bool back = plan->cycles % 2 == 0 || !plan->strategy->switches || lu_plan_of_app(plan);

	assert_string_equal(ops->kernel(simrun->guest),
			    ops->release(simrun->guest, back ? LU_RELEASE_OLD : LU_RELEASE_NEW));
	simrun_free(simrun);
}

/* Without parameters. */
static void test_all_that_can(void **state)
{
	unsigned found = 0;

	for (const struct lu_strategy *const *s = lu_strategies; *s; s++) {
		struct lu_plan *plan = plan_of((*s)->name, 3);

		if (!(*s)->repeats || !lu_plan_feasible(plan, NULL)) {
			lu_plan_free(plan);
			continue;
		}
		check_repeats(plan);
		check_repeats(plan_of((*s)->name, 2));
		found++;
	}
	assert_true(found >= 12);
}

/* The versions that replies carried last, "v1". */
static const char *last_version(const struct simrun *simrun)
{
	const char *version = NULL;

	for (size_t i = 0; i < lu_timeline_count(simrun->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(simrun->timeline, i);
		const json_t *versions = json_object_get(event->value, "module");

		if (versions)
			version = json_string_value(json_array_get(versions, 0));
	}
	return version ? version : "";
}

static void check_component(const char *strategy, const char *params, int cycles, const char *last)
{
	struct simrun *simrun = run_all(plan_with(strategy, params, "block", cycles));

	assert_string_equal(simrun_verdict(simrun, "component"), "pass");
	assert_string_equal(last_version(simrun), last);
	simrun_free(simrun);
}

/* A component goes there and back; live patches lie one on top of another. */
static void test_component(void **state)
{
	check_component("reload", "to=v2", 2, "v1");
	check_component("reload", "to=v2 state=copy", 3, "v2");
	check_component("fast-reboot", "to=v2", 2, "v1");
	check_component("fast-reboot", "to=v2", 3, "v2");
	check_component("livepatch", "to=fix-crc", 2, "v1+crc");
}

static void expect_refused(struct lu_plan *plan, const char *why)
{
	g_autoptr(GError) error = NULL;

	assert_false(lu_plan_feasible(plan, &error));
	assert_int_equal(error->code, LU_ERROR_REFUSED);
	if (!strstr(error->message, why))
		fail_msg("%s: not '%s'", error->message, why);
	lu_plan_free(plan);
}

static void test_stack_refused(void **state)
{
	expect_refused(plan_with("livepatch", "to=fix", "block", 2), "parameter to names 1");
	expect_refused(plan_with("livepatch", "to=fix-crc", "block", 1), "parameter to names 2");
	expect_refused(plan_with("livepatch", "to=fix-fix", "block", 2), "applied already");
	expect_refused(plan_with("livepatch", "to=fix-v2", "block", 2), "state layout");
	expect_refused(plan_with("migrate", "target_qemu=other", "tick", 2), "target_qemu");
}

/* Each says why. */
static void test_refused(void **state)
{
	for (const struct lu_strategy *const *s = lu_strategies; *s; s++) {
		struct lu_plan *plan = (*s)->repeats ? NULL : plan_of((*s)->name, 2);

		if (!plan)
			continue;
		assert_non_null((*s)->once);
		expect_refused(plan, (*s)->once);
	}
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
		cmocka_unit_test(test_all_that_can),  cmocka_unit_test(test_component),
		cmocka_unit_test(test_stack_refused), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
