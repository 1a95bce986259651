/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several upgrades of one system leave behind, each kind made to happen once: the verdicts
 * find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "engine/engine.h"
#include "engine/oracle.h"
#include "record/error.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define CYCLES 5
#define MB     1000000

static struct lu_plan *plan_of(const char *strategy, const char *params)
{
	struct lu_plan *one = simrun_plan(strategy, params, "tick", "x86-q35");
	json_t *doc = json_deep_copy(one->doc);
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan;

	json_object_set_new(doc, "cycles", json_integer(CYCLES));
	plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);
	if (!plan)
		fail_msg("%s", error->message);
	json_decref(doc);
	lu_plan_free(one);
	return plan;
}

static void grow(json_t *value, const char *key, json_int_t by)
{
	json_t *number = json_object_get(value, key);

	if (number)
		json_integer_set(number, json_integer_value(number) + by);
}

/* What is in use grows so with each upgrade; noise: more of it with every other kernel. */
struct leak {
	json_int_t bytes, noise, descriptors;
	bool untold; /* nobody says what is in use */
};

/* The same record, but for what is in use. */
static struct lu_timeline *leaking(const struct lu_timeline *timeline, const struct leak *leak)
{
	struct lu_timeline *copy = lu_timeline_new();
	json_int_t cycle = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		json_t *value = json_deep_copy(event->value);

		cycle += g_str_equal(event->kind, "baseline-begin");
		if (g_str_equal(event->source, "guest")) {
			grow(value, "used_bytes", cycle * leak->bytes + cycle % 2 * leak->noise);
			grow(value, "descriptors", cycle * leak->descriptors);
		}
		if (leak->untold) {
			json_object_del(value, "used_bytes");
			json_object_del(value, "descriptors");
		}
		lu_timeline_add(copy, event->t_ns, event->source, event->kind, event->id, value);
	}
	return copy;
}

/* The end of a run that went well. */
static struct lu_finished_run ended(const struct lu_plan *plan)
{
	return (struct lu_finished_run){.plan = plan, .done = true, .whole = true, .carried = true};
}

/* finished: without a timeline, which is that with the leak. */
static void expect(const struct simrun *simrun, const struct leak *leak,
		   struct lu_finished_run finished, const char *verdict)
{
	struct lu_timeline *timeline = leaking(simrun->timeline, leak);
	json_t *oracles = json_object();
	const json_t *cycles;

	finished.timeline = timeline;
	lu_oracle_cycles(&finished, oracles);
	cycles = json_object_get(oracles, "cycles");
	if (g_strcmp0(json_string_value(json_object_get(cycles, "verdict")), verdict) != 0)
		fail_msg("not %s: %s", verdict, json_dumps(cycles, 0));
	json_decref(oracles);
	lu_timeline_free(timeline);
}

static void test_growth(void **state)
{
	static const struct {
		struct leak leak;
		const char *verdict;
	} cases[] = {
		{{0}, "pass"},
		{{.bytes = MB / 2}, "pass"},
		{{.bytes = 2 * MB}, "fail"},
		{{.descriptors = 1}, "fail"},
		/* less than before each time is no leak */
		{{.bytes = -2 * MB, .descriptors = -1}, "pass"},
		/* the interval does not tell */
		{{.bytes = 2 * MB, .noise = 20 * MB}, "waived"},
		{{.untold = true}, "waived"},
	};
	struct simrun *simrun = simrun_new(plan_of("kexec", NULL));

	simrun_run(simrun);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(simrun, &cases[i].leak, ended(simrun->plan), cases[i].verdict);
	simrun_free(simrun);
}

/* Of a run that did not come to its end, or that began anew each time, no growth is judged. */
static void test_not_judged(void **state)
{
	static const struct leak none = {0}, some = {.bytes = 2 * MB};
	struct simrun *simrun = simrun_new(plan_of("kexec", NULL));
	struct lu_finished_run fresh = ended(simrun->plan), undone = fresh, aborted = fresh;
	struct lu_plan longer = *simrun->plan;

	longer.cycles++;
	fresh.carried = undone.done = aborted.whole = false;
	simrun_run(simrun);
	expect(simrun, &some, fresh, "waived");
	expect(simrun, &none, undone, "waived");
	expect(simrun, &none, aborted, "waived");
	expect(simrun, &none, ended(&longer), "waived");
	simrun_free(simrun);
}

/* Each new kernel's clocks would be behind those of the one before it. */
static void test_clocks(void **state)
{
	struct simrun *simrun = simrun_new(plan_of("kexec", "timens=off"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	assert_string_equal(simrun_verdict(simrun, "clock"), "fail");
	simrun_free(simrun);
}

struct breaking {
	struct simrun *simrun;
	const char *verb;
	int code;
	unsigned baselines;
	const char *last;
};

/* In the baseline before the second upgrade. */
static void break_second(void *data, const char *step, int64_t elapsed_ns, uint64_t replies)
{
	struct breaking *breaking = data;

	if (g_str_equal(step, "baseline") && g_strcmp0(breaking->last, step) != 0 &&
	    ++breaking->baselines == 2)
		lu_sim_fail_verb(breaking->simrun->guest, breaking->verb, breaking->code,
				 "it broke");
	breaking->last = step;
}

/* The first upgrade is carried out, the second is not: a failure, also where it is refused and the
 * service goes on. */
static void check_broken(const char *verb, int code, enum lu_outcome outcome, bool rolled_back)
{
	struct simrun *simrun = simrun_new(plan_of("kexec", NULL));
	struct breaking breaking = {simrun, verb, code};
	const struct lu_engine_options options = {break_second, &breaking};

	assert_true(lu_engine_run(simrun->plan, simrun->guest, simrun->timeline, &options,
				  &simrun->report, NULL));
	assert_int_equal(simrun->report.outcome, outcome);
	assert_string_equal(simrun->report.reason, "upgrade 2 of 5: it broke");
	assert_int_equal(simrun->report.rolled_back, rolled_back);
	assert_string_equal(simrun_verdict(simrun, "cycles"), "fail");
	simrun_free(simrun);
}

static void test_second_checkpoint(void **state)
{
	check_broken("checkpoint", LU_ERROR_REFUSED, LU_REFUSED, true);
	check_broken("checkpoint", LU_ERROR_FAILED, LU_FAILED, true);
	check_broken("restore", LU_ERROR_FAILED, LU_FAILED, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_not_judged),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_second_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
