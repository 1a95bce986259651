/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole runs on the virtual clock: the same seed gives the same bytes, and the order of events is
 * the expected one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "model/strategy.h"
#include "tests/strategies/simrun.h"

#define MS INT64_C(1000000)

/* The plan with a seed, run: its timeline as text. */
static char *run(const char *strategy, const char *machine, uint64_t seed)
{
	struct lu_plan *base =
		simrun_plan(strategy, NULL, simrun_workload(strategy, machine), machine);
	struct simrun *simrun = simrun_new(lu_plan_with_seed(base, seed));
	char *text;

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	text = g_string_free(lu_timeline_to_jsonl(simrun->timeline), FALSE);
	simrun_free(simrun);
	lu_plan_free(base);
	return text;
}

static void test_same_seed_same_bytes(void **state)
{
	for (const struct lu_strategy *const *s = lu_strategies; *s; s++) {
		if (!simrun_simulated((*s)->name, "x86-q35"))
			continue;
		g_autofree char *a = run((*s)->name, "x86-q35", 7);
		g_autofree char *b = run((*s)->name, "x86-q35", 7);
		g_autofree char *c = run((*s)->name, "x86-q35", 8);

		if (strcmp(a, b))
			fail_msg("%s: two runs with one seed differ", (*s)->name);
		if (!strcmp(a, c))
			fail_msg("%s: the seed has no effect", (*s)->name);
	}
}

/* Everything but the client, memory and clocks, in order: what happened, without when. */
static char *story(const struct lu_timeline *timeline)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *e = lu_timeline_at(timeline, i);
		const char *name = json_string_value(json_object_get(e->value, "name"));

		if (g_str_has_prefix(e->source, "client") || g_str_equal(e->kind, "memory") ||
		    g_str_equal(e->kind, "clock") || g_str_equal(e->kind, "phase-end"))
			continue;
		g_string_append_printf(text, "%s/%s%s%s\n", e->source, e->kind, name ? " " : "",
				       name ? name : "");
	}
	return g_strdup(text->str);
}

/* scenarios/priority.json with that strategy. */
static struct lu_plan *plan_of_several(const char *strategy)
{
	g_autoptr(GError) error = NULL;
	json_t *doc = lu_scenario_load(LU_SOURCE_DIR "/scenarios/priority.json", &error);
	struct lu_plan *plan;

	assert_non_null(doc);
	json_object_set_new(doc, "strategy", json_string(strategy));
	json_object_set_new(doc, "guest", json_string("sim"));
	plan = lu_plan_new(doc, "priority", LU_SOURCE_DIR "/machines", 0, &error);
	if (!plan)
		fail_msg("%s", error->message);
	json_decref(doc);
	return plan;
}

static struct lu_plan *plan_of_one(const char *strategy)
{
	return simrun_plan(strategy, NULL, simrun_workload(strategy, "x86-q35"), "x86-q35");
}

static void check_golden(const char *folder, const char *strategy,
			 struct lu_plan *(*plan)(const char *strategy))
{
	struct simrun *simrun = simrun_new(plan(strategy));
	g_autofree char *path =
		g_strdup_printf(LU_SOURCE_DIR "/tests/sim/%s/%s.txt", folder, strategy);
	g_autofree char *expected = NULL, *got = NULL;

	simrun_run(simrun);
	got = story(simrun->timeline);
	if (!g_file_get_contents(path, &expected, NULL, NULL))
		fail_msg("%s: cannot be read; the run gave:\n%s", path, got);
	if (strcmp(expected, got))
		fail_msg("%s: expected\n%sgot\n%s", path, expected, got);
	simrun_free(simrun);
}

/* FOLDER/STRATEGY.txt is the story of that one. */
static void check_folder(const char *name, struct lu_plan *(*plan)(const char *strategy))
{
	g_autofree char *path = g_strdup_printf(LU_SOURCE_DIR "/tests/sim/%s", name);
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *file;
	unsigned found = 0;

	assert_non_null(folder);
	for (; (file = g_dir_read_name(folder)); found++) {
		g_autofree char *strategy = g_strndup(file, strcspn(file, "."));

		check_golden(name, strategy, plan);
	}
	assert_true(found > 0);
}

static void test_golden(void **state)
{
	check_folder("golden", plan_of_one);
}

static void test_golden_of_several(void **state)
{
	check_folder("golden-several", plan_of_several);
}

static int64_t time_of(const struct lu_timeline *t, const char *source, const char *kind,
		       size_t from)
{
	const struct lu_event *event = lu_timeline_find(t, source, kind, from);

	assert_non_null(event);
	return event->t_ns;
}

/* Without a nudge a peer's first retry that can succeed is one of 1, 3, 7, 15 s after its first
 * loss; with it, none waits. The whole blackout is a consequence of that, so it is the timer and
 * not the mechanism that ends it. */
static void test_peer_timers(void **state)
{
	struct simrun *simrun =
		simrun_new(simrun_plan("kexec", "nudge=off state_mb=32", "tick", "x86-q35"));
	struct lu_metrics metrics;
	int64_t finish;

	simrun_run(simrun);
	metrics = lu_metrics_compute(simrun->timeline);
	finish = time_of(simrun->timeline, "engine", "finish", 0);
	assert_true(metrics.blackout_end_ns > finish);
	assert_true(metrics.blackout_ns > 6950 * MS && metrics.blackout_ns < 7050 * MS);
	simrun_free(simrun);
}

/* Nothing is lost by a stop: each request is answered, in order, and memory is told all along. */
static void test_pause_answers_all(void **state)
{
	struct simrun *simrun = simrun_new(simrun_plan("pause", "ms=1000", "tick", "x86-q35"));
	struct lu_metrics metrics;

	simrun_run(simrun);
	metrics = lu_metrics_compute(simrun->timeline);
	assert_true(metrics.requests > 0);
	assert_int_equal(metrics.requests, metrics.replies_ok);
	assert_non_null(lu_timeline_find(simrun->timeline, "guest", "memory", 0));
	assert_non_null(lu_timeline_find(simrun->timeline, "host", "memory", 0));
	simrun_free(simrun);
}

/* The staged release and the checkpoint are memory beyond the steady state,
 * and the figures say so. */
static void test_memory(void **state)
{
	struct simrun *simrun = simrun_new(simrun_plan("kexec", "state_mb=16", "tick", "x86-q35"));
	struct lu_metrics metrics;

	simrun_run(simrun);
	metrics = lu_metrics_compute(simrun->timeline);
	assert_true(metrics.extra_bytes_peak >= 16 << 20);
	assert_true(metrics.extra_byte_seconds > 0);
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_bytes), cmocka_unit_test(test_golden),
		cmocka_unit_test(test_golden_of_several),    cmocka_unit_test(test_peer_timers),
		cmocka_unit_test(test_pause_answers_all),    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
