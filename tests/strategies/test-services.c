/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several services on the simulated guest: each strategy that carries them brings all of them over,
 * and the order in which they stop and come back decides whose blackout is short. */
#include "tests/kit/cmocka-all.h"
#include "record/error.h"
#include "model/plugin.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "tests/strategies/several.h"

static void expect_good(const struct simrun *simrun, const char *what)
{
	json_t *result = several_result(simrun);

	if (!lu_result_good(result)) {
		g_autofree char *services =
			json_dumps(json_object_get(result, "services"), JSON_INDENT(1));

		fail_msg("%s: %s: %s\n%s", what, lu_outcome_name(simrun->report.outcome),
			 simrun->report.reason, services);
	}
	assert_int_equal(json_array_size(json_object_get(result, "services")), 3);
	json_decref(result);
}

/* All that say so carry them, on every machine that they carry one on; the others say why not. */
static void test_every_strategy(void **state)
{
	g_auto(GStrv) machines = simrun_machines();
	unsigned carried = 0;

	for (size_t i = 0; lu_strategies[i]; i++)
		for (char **machine = machines; *machine; machine++) {
			const struct lu_strategy *s = lu_strategies[i];
			struct lu_plan *plan = several_plan(s->name, "{}", *machine, "");
			g_autoptr(GError) error = NULL;
			struct simrun *simrun;

			if (!lu_plan_feasible(plan, &error)) {
				assert_true(
					g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED) ||
					g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
				lu_plan_free(plan);
				continue;
			}
			assert_non_null(s->several);
			simrun = several_run(plan);
			expect_good(simrun, s->name);
			assert_null(lu_sim_left_over(simrun->guest));
			simrun_free(simrun);
			carried++;
		}
	assert_true(carried >= 6);
}

static int64_t blackout(const char *strategy, const char *order, const char *service)
{
	g_autofree char *params = g_strdup_printf("{\"order\": \"%s\"}", order);
	struct simrun *simrun = several_run(several_plan(strategy, params, "x86-q35", ""));
	int64_t ns;

	expect_good(simrun, order);
	ns = several_metrics(simrun, service).blackout_ns;
	simrun_free(simrun);
	return ns;
}

static void test_order(void **state)
{
	static const char *const strategies[] = {"kexec", "twophase"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		const char *s = strategies[i];
		int64_t none = blackout(s, "none", "critical");
		int64_t first = blackout(s, "priority", "critical");
		int64_t last = blackout(s, "reverse", "critical");

		assert_true(first < none * 3 / 4);
		assert_true(last > first * 5 / 4);
		/* and what the others pay for it */
		assert_true(blackout(s, "priority", "batch") > blackout(s, "reverse", "batch"));
	}
}

static const char *story_of(const struct lu_event *event)
{
	return json_string_value(json_object_get(event->value, "name"));
}

static size_t when(const struct lu_timeline *timeline, const char *step)
{
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (g_str_equal(event->kind, "step") && !g_strcmp0(story_of(event), step))
			return i;
	}
	fail_msg("no step '%s'", step);
	return 0;
}

/* What is promised of an order, step by step. */
static void test_steps(void **state)
{
	static const char *const steps[] = {
		"batch: freeze",    "batch: save",    "redis: freeze",	   "redis: save",
		"critical: freeze", "critical: save", "critical: restore", "critical: resume",
		"redis: restore",   "redis: resume",  "batch: restore",	   "batch: resume"};
	struct simrun *simrun = several_run(several_plan("kexec", "{}", "x86-q35", ""));

	for (size_t i = 1; i < G_N_ELEMENTS(steps); i++)
		if (when(simrun->timeline, steps[i - 1]) >= when(simrun->timeline, steps[i]))
			fail_msg("'%s' does not come before '%s'", steps[i - 1], steps[i]);
	simrun_free(simrun);
}

/* Memory comes to one at a time: the rest of the one before is waited for, and that takes time. */
static void test_settles_between(void **state)
{
	static const char *const names[] = {"critical", "redis"};
	struct simrun *simrun = several_run(several_plan("twophase", "{}", "x86-q35", ""));
	const char *next = "redis: restore";

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++, next = "batch: restore") {
		g_autofree char *resume = g_strconcat(names[i], ": resume", NULL);
		g_autofree char *settle = g_strconcat(names[i], ": settle", NULL);
		size_t begin = when(simrun->timeline, settle), end = when(simrun->timeline, next);

		assert_true(when(simrun->timeline, resume) < begin && begin < end);
		assert_true(lu_timeline_at(simrun->timeline, begin)->t_ns <
			    lu_timeline_at(simrun->timeline, end)->t_ns);
	}
	simrun_free(simrun);
}

/* While one is frozen and saved those above it answer, and they answer again before it is back. */
static void test_answers_meanwhile(void **state)
{
	struct simrun *simrun = several_run(several_plan("kexec", "{}", "x86-q35", ""));
	struct lu_metrics critical = several_metrics(simrun, "critical");
	struct lu_metrics redis = several_metrics(simrun, "redis"),
			  batch = several_metrics(simrun, "batch");

	assert_true(batch.blackout_begin_ns < redis.blackout_begin_ns);
	assert_true(redis.blackout_begin_ns < critical.blackout_begin_ns);
	assert_true(critical.blackout_end_ns < redis.blackout_end_ns);
	assert_true(redis.blackout_end_ns < batch.blackout_end_ns);
	simrun_free(simrun);
}

/* Before SWITCH all of them are taken back, whichever had been saved already. */
static void test_faults(void **state)
{
	static const char *const strategies[] = {"kexec", "twophase", "image"};
	static const char *const phases[] = {"PREPARE", "FREEZE", "PRESERVE"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++)
		for (size_t k = 0; k < G_N_ELEMENTS(phases); k++) {
			g_autofree char *fault =
				g_strdup_printf(", \"fault\": {\"phase\": \"%s\"}", phases[k]);
			struct simrun *simrun =
				several_run(several_plan(strategies[i], "{}", "x86-q35", fault));

			if (!simrun->report.rolled_back)
				fail_msg("%s: %s: not rolled back", strategies[i], phases[k]);
			if (lu_sim_left_over(simrun->guest))
				fail_msg("%s: %s: left over: %s", strategies[i], phases[k],
					 lu_sim_left_over(simrun->guest));
			simrun_free(simrun);
		}
}

/* The second dump fails when the first service is saved and frozen already. */
static void test_half_saved(void **state)
{
	static const char *const verbs[] = {"checkpoint", "service.freeze", "net.lock"};

	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		struct lu_plan *plan = several_plan("kexec", "{\"predump\": 0}", "x86-q35", "");
		struct simrun *simrun = simrun_new(plan);

		lu_sim_fail_verb(simrun->guest, verbs[i], LU_ERROR_FAILED, "it broke");
		simrun_run(simrun);
		assert_int_equal(simrun->report.outcome, LU_FAILED);
		assert_true(simrun->report.rolled_back);
		assert_null(lu_sim_left_over(simrun->guest));
		simrun_free(simrun);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_strategy),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_settles_between),
		cmocka_unit_test(test_answers_meanwhile),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_half_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
