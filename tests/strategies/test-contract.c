/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every registered strategy must keep, whoever wrote it: its table, its needs, and a run of it
 * on every machine with every workload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "tests/strategies/simrun.h"

#define for_each_strategy(s)                                                                       \
	for (const struct lu_strategy *const *s##_at = lu_strategies, *s; (s = *s##_at) != NULL;   \
	     s##_at++)
#define for_each_workload(w)                                                                       \
	for (const struct lu_workload *const *w##_at = lu_workloads, *w; (w = *w##_at) != NULL;    \
	     w##_at++)

/* strategies/NAME.c, or NAME/NAME.c. g_free. */
static char *source_of(const struct lu_strategy *s)
{
	g_autofree char *file = g_strconcat(s->name, ".c", NULL);
	char *path = g_build_filename(LU_SOURCE_DIR, "strategies", file, NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return path;
	g_free(path);
	return g_build_filename(LU_SOURCE_DIR, "strategies", s->name, file, NULL);
}

static void test_name_is_file(void **state)
{
	for_each_strategy(s)
	{
		g_autofree char *path = source_of(s);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			fail_msg("%s: no file of that name in strategies/", s->name);
	}
}

static void test_documented(void **state)
{
	for_each_strategy(s)
	{
		if (!s->summary || !*s->summary)
			fail_msg("%s: no summary", s->name);
		if (!s->updates || !s->updates[0])
			fail_msg("%s: carries no update", s->name);
		for (const struct lu_param *p = s->params; p && p->name; p++)
			if (!p->help || !*p->help || !p->def)
				fail_msg("%s: parameter %s lacks help or default", s->name,
					 p->name);
	}
}

/* Who names nothing but the strategy has a run that it carries. */
static void test_carries_its_defaults(void **state)
{
	for_each_strategy(s)
	{
		json_t *doc = json_pack("{s:s, s:s}", "strategy", s->name, "guest", "sim");
		g_autoptr(GError) error = NULL;
		struct lu_plan *plan =
			lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);

		/* what no simulated guest can carry says so */
		if (!plan || (!lu_plan_feasible(plan, &error) &&
			      !strstr(error->message, "the simulator does not model")))
			fail_msg("%s: %s", s->name, error->message);
		assert_string_equal(plan->workload->name, lu_strategy_workload(s));
		lu_plan_free(plan);
		json_decref(doc);
	}
}

/* The mechanism, its assumptions and its blackout are said where a reader begins. */
static void test_opening_words(void **state)
{
	for_each_strategy(s)
	{
		g_autofree char *path = source_of(s);
		g_autofree char *text = NULL;
		static const char *const words[] = {"Mechanism:", "Assumes:", "Blackout:"};
		static const char *const banned[] = {
			"g_usleep",	    "clock_gettime",  "fork(", "g_get_monotonic_time",
			"#include \"qemu/", "#include \"sim/"};

		assert_true(g_file_get_contents(path, &text, NULL, NULL));
		for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
			if (!strstr(text, words[i]))
				fail_msg("%s: does not say '%s'", path, words[i]);
		for (size_t i = 0; i < G_N_ELEMENTS(banned); i++)
			if (strstr(text, banned[i]))
				fail_msg("%s: a strategy never uses %s", path, banned[i]);
	}
}

static void check_phases(const struct lu_strategy *s)
{
	enum lu_phase_kind last = LU_PREPARE;
	size_t n = 0;

	for (const struct lu_phase *p = s->phases; p->name; p++, n++) {
		if (p->kind < last || p->kind >= LU_PHASE_KINDS)
			fail_msg("%s: '%s' is out of order", s->name, p->name);
		if (!p->run)
			fail_msg("%s: '%s' does nothing", s->name, p->name);
		if (p->kind >= LU_SWITCH && p->undo)
			fail_msg("%s: '%s' cannot be undone after SWITCH", s->name, p->name);
		last = p->kind;
	}
	if (!n)
		fail_msg("%s: has no phases", s->name);
}

static void test_phases(void **state)
{
	for_each_strategy(s) check_phases(s);
}

static void test_defaults_resolve(void **state)
{
	for_each_strategy(s)
	{
		g_autoptr(GError) error = NULL;
		json_t *values = s->params ? lu_params_resolve(s->params, NULL, s->name, &error)
					   : json_object();

		if (!values)
			fail_msg("%s: %s", s->name, error->message);
		json_decref(values);
	}
}

static void check_needs(const struct lu_plan *plan)
{
	const struct lu_needs *needs = plan->needs;
	const char *name = plan->strategy->name;

	for (guint i = 0; i < needs->features->len; i++)
		if (!json_object_get(plan->machine->features, needs->features->pdata[i]))
			fail_msg("%s: machine %s has no feature '%s'", name, plan->machine->name,
				 (char *)needs->features->pdata[i]);
	if (needs->store &&
	    !g_strv_contains((const char *const *)plan->machine->stores, needs->store))
		fail_msg("%s: machine %s has no store '%s'", name, plan->machine->name,
			 needs->store);
	if (needs->kernel_image &&
	    !g_strv_contains((const char *const *)plan->machine->images, needs->kernel_image))
		fail_msg("%s: machine %s has no image '%s'", name, plan->machine->name,
			 needs->kernel_image);
	if (needs->store &&
	    needs->store_mb < plan->workload->state_bytes(plan->workload_params) >> 20)
		fail_msg("%s: a store of %u MB does not hold the state", name, needs->store_mb);
}

/* Of the dataset's default size; a plan that is not feasible has nothing to need. */
static void check_default(const char *strategy, const char *workload, const char *machine)
{
	struct lu_plan *plan = simrun_plan_as_given(strategy, workload, machine);

	if (lu_plan_feasible(plan, NULL))
		check_needs(plan);
	lu_plan_free(plan);
}

static void check_run(const char *strategy, const char *workload, const char *machine)
{
	struct simrun *simrun = simrun_new(simrun_plan_light(strategy, workload, machine));
	const struct lu_strategy *s = simrun->plan->strategy;
	g_autoptr(GError) error = NULL;

	if (!lu_plan_feasible(simrun->plan, &error)) {
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED) ||
			    g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
		assert_true(strlen(error->message) > 10);
		simrun_free(simrun);
		return;
	}
	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun)) {
		g_autofree char *oracles = json_dumps(simrun->report.oracles, JSON_INDENT(1));

		fail_msg("%s, %s, %s: %s: %s\n%s", strategy, workload, machine,
			 lu_outcome_name(simrun->report.outcome), simrun->report.reason, oracles);
	}
	assert_string_equal(simrun->guest->ops->kernel(simrun->guest),
			    simrun->guest->ops->release(simrun->guest,
							s->switches && !lu_plan_of_app(simrun->plan)
								? LU_RELEASE_NEW
								: LU_RELEASE_OLD));
	simrun_free(simrun);
}

static void test_runs_everywhere(void **state)
{
	g_auto(GStrv) machines = simrun_machines();

	for_each_strategy(s) for_each_workload(w) for (size_t m = 0; machines[m]; m++)
		check_run(s->name, w->name, machines[m]);
}

static void test_needs_fit_every_machine(void **state)
{
	g_auto(GStrv) machines = simrun_machines();

	for_each_strategy(s) for_each_workload(w) for (size_t m = 0; machines[m]; m++)
		check_default(s->name, w->name, machines[m]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_is_file),
		cmocka_unit_test(test_documented),
		cmocka_unit_test(test_carries_its_defaults),
		cmocka_unit_test(test_opening_words),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_defaults_resolve),
		cmocka_unit_test(test_needs_fit_every_machine),
		cmocka_unit_test(test_runs_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
