/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole runs of the engine with the real client, against a guest in the test's own process. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "engine/engine.h"
#include "model/strategy.h"
#include "tests/engine/loopback-guest.h"

#define RATE	  200
#define PERIOD_NS (LU_NS_PER_S / RATE)
/* How often the client tries to connect (engine/client.c). */
#define RETRY_NS (50 * LU_NS_PER_MS)

static GString *steps; /* what the strategy under test did */

static bool prepare(struct lu_run *run, GError **error)
{
	g_string_append(steps, "P ");
	return true;
}

static bool unprepare(struct lu_run *run, GError **error)
{
	g_string_append(steps, "-P ");
	return true;
}

static bool freeze(struct lu_run *run, GError **error)
{
	g_string_append(steps, "F ");
	return run->guest->ops->stop(run->guest, error);
}

static bool thaw(struct lu_run *run, GError **error)
{
	g_string_append(steps, "-F ");
	return run->guest->ops->cont(run->guest, error);
}

static bool preserve(struct lu_run *run, GError **error)
{
	g_string_append(steps, "S ");
	return true;
}

static bool preserve_refused(struct lu_run *run, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "cannot carry it");
	return false;
}

static bool preserve_late(struct lu_run *run, GError **error)
{
	return lu_run_wait(run, lu_run_left(run) + 50 * LU_NS_PER_MS, error);
}

static bool unpreserve(struct lu_run *run, GError **error)
{
	g_string_append(steps, "-S ");
	return true;
}

static bool switch_over(struct lu_run *run, GError **error)
{
	g_string_append(steps, "J ");
	return lu_run_jump(run, "kexec.jump", NULL, error);
}

static bool switch_refused(struct lu_run *run, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "too late to refuse");
	return false;
}

static bool resume(struct lu_run *run, GError **error)
{
	g_string_append(steps, "R ");
	return run->guest->ops->cont(run->guest, error);
}

static bool undo_fails(struct lu_run *run, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot go back");
	return false;
}

/* Says that all is as before. */
static bool unprepare_badly(struct lu_run *run, GError **error)
{
	g_assert_true(loopback_damage(loopback_guest_service(run->guest), "corrupt"));
	return true;
}

#define JUMPER(symbol, preserve_fn, unprepare_fn, switch_fn)                                       \
	static const struct lu_phase symbol##_phases[] = {                                         \
		{LU_PREPARE, "get ready", prepare, unprepare_fn},                                  \
		{LU_FREEZE, "stop", freeze, thaw},                                                 \
		{LU_PRESERVE, "save", preserve_fn, unpreserve},                                    \
		{LU_SWITCH, "jump", switch_fn},                                                    \
		{LU_RESUME, "go on", resume},                                                      \
		{0},                                                                               \
	};                                                                                         \
	static const struct lu_strategy symbol = {                                                 \
		.name = #symbol,                                                                   \
		.phases = symbol##_phases,                                                         \
		.keeps_state = true,                                                               \
		.switches = true,                                                                  \
	}

JUMPER(jumper, preserve, unprepare, switch_over);
JUMPER(refuser, preserve_refused, unprepare, switch_over);
JUMPER(latecomer, preserve_late, unprepare, switch_over);
JUMPER(stuck, preserve_refused, undo_fails, switch_over);
JUMPER(spoiler, preserve_refused, unprepare_badly, switch_over);
JUMPER(late_refuser, preserve, unprepare, switch_refused);

struct bench {
	struct lu_plan *plan;
	struct lu_timeline *timeline;
	struct lu_guest *guest;
	struct lu_outcome_report report;
	GError *error;
};

static struct bench *bench_new(const char *scenario_text)
{
	g_autoptr(GError) error = NULL;
	json_t *scenario = json_loads(scenario_text, 0, NULL);
	struct bench *b = g_new0(struct bench, 1);

	assert_non_null(scenario);
	json_object_set_new(scenario, "client",
			    json_pack("{s:i, s:i, s:i, s:i, s:i}", "connections", 4, "rate_hz",
				      RATE, "timeout_ms", 2000, "baseline_ms", 500, "settle_ms",
				      200));
	b->plan = lu_plan_new(scenario, "test", LU_SOURCE_DIR "/machines", 0, &error);
	if (!b->plan)
		fail_msg("%s", error->message);
	json_decref(scenario);
	b->timeline = lu_timeline_new();
	b->guest = loopback_guest_new(b->plan, b->timeline);
	steps = g_string_new(NULL);
	return b;
}

static void bench_free(struct bench *b)
{
	lu_guest_free(b->guest);
	lu_timeline_free(b->timeline);
	lu_plan_free(b->plan);
	lu_outcome_report_clear(&b->report);
	g_clear_error(&b->error);
	g_string_free(steps, TRUE);
	g_free(b);
}

static bool run_engine(struct bench *b)
{
	const struct lu_engine_options options = {.io = loopback_guest_io(b->guest)};

	return lu_engine_run(b->plan, b->guest, b->timeline, &options, &b->report, &b->error);
}

static void run(struct bench *b)
{
	assert_true(run_engine(b));
}

static const char *verdict(struct bench *b, const char *name)
{
	json_t *oracle = json_object_get(b->report.oracles, name);

	if (!oracle)
		fail_msg("no oracle %s", name);
	assert_non_null(json_string_value(json_object_get(oracle, "evidence")));
	return json_string_value(json_object_get(oracle, "verdict"));
}

static void check_verdict(struct bench *b, const char *name, enum lu_verdict due)
{
	if (!g_str_equal(verdict(b, name), lu_verdict_name(due)))
		fail_msg("%s: %s", name,
			 json_string_value(json_object_get(json_object_get(b->report.oracles, name),
							   "evidence")));
}

static void check_all_pass(struct bench *b)
{
	const char *name;
	json_t *oracle;

	assert_true(json_object_size(b->report.oracles) >= 5);
	json_object_foreach(b->report.oracles, name, oracle) check_verdict(b, name, LU_PASS);
}

/* A request is due each PERIOD_NS, and one of the very moment in which the service stops or goes on
 * is answered before or after it. */
static void check_blackout(struct bench *b, int64_t min_ns, int64_t max_ns)
{
	int64_t blackout_ns = lu_metrics_compute(b->timeline).blackout_ns;

	assert_in_range(blackout_ns, min_ns - PERIOD_NS, max_ns + PERIOD_NS);
}

static void test_null(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");
	size_t at = 0;
	static const char *const marks[] = {"baseline-begin", "trigger", "phase-begin", "finish",
					    "end"};

	run(b);
	if (b->report.outcome != LU_OK)
		fail_msg("%s", b->report.reason);
	check_all_pass(b);
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		const struct lu_event *event =
			lu_timeline_find(b->timeline, "engine", marks[i], at);

		assert_non_null(event);
		while (lu_timeline_at(b->timeline, at) != event)
			at++;
	}
	assert_non_null(lu_timeline_find(b->timeline, "host", "memory", 0));
	assert_non_null(strstr(loopback_guest_verbs(b->guest), "sample "));
	bench_free(b);
}

static void test_pause_shows_its_time(void **state)
{
	struct bench *b =
		bench_new("{\"strategy\": \"pause\", \"strategy_params\": {\"ms\": 300}}");

	run(b);
	assert_int_equal(b->report.outcome, LU_OK);
	check_all_pass(b);
	check_blackout(b, 300 * LU_NS_PER_MS, 300 * LU_NS_PER_MS);
	bench_free(b);
}

static void test_cold_waives_with_evidence(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"cold\"}");

	run(b);
	if (b->report.outcome != LU_OK)
		fail_msg("%s", b->report.reason);
	check_verdict(b, "version", LU_PASS);
	check_verdict(b, "connections", LU_WAIVED);
	check_verdict(b, "state", LU_WAIVED);
	check_verdict(b, "order", LU_PASS);
	check_verdict(b, "replies", LU_WAIVED);
	check_blackout(b, LOOPBACK_CYCLE_NS, LOOPBACK_CYCLE_NS + RETRY_NS);
	bench_free(b);
}

static void test_cold_redis(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"cold\", \"workload\": \"redis\","
				    " \"workload_params\": {\"dataset_mb\": 2}}");

	run(b);
	if (b->report.outcome != LU_OK)
		fail_msg("%s", b->report.reason);
	check_verdict(b, "version", LU_PASS);
	check_verdict(b, "dataset", LU_WAIVED);
	check_verdict(b, "acknowledged-writes", LU_WAIVED);
	check_verdict(b, "reads", LU_PASS);
	bench_free(b);
}

static void run_jumper(const char *workload, const char *damage, struct bench **bench)
{
	g_autofree char *scenario = g_strdup_printf(
		"{\"strategy\": \"null\", \"workload\": \"%s\", \"workload_params\": {\"%s\": "
		"1%s}}",
		workload, g_str_equal(workload, "redis") ? "dataset_mb" : "state_mb",
		g_str_equal(workload, "redis") ? ", \"read_percent\": 50" : "");

	*bench = bench_new(scenario);
	(*bench)->plan->strategy = &jumper;
	loopback_guest_damage_at_jump((*bench)->guest, damage);
	run(*bench);
}

static void test_jump(void **state)
{
	struct bench *b;

	run_jumper("tick", NULL, &b);
	assert_int_equal(b->report.outcome, LU_OK);
	assert_string_equal(steps->str, "P F S J R ");
	check_all_pass(b);
	bench_free(b);
}

static void test_jump_redis(void **state)
{
	struct bench *b;

	run_jumper("redis", NULL, &b);
	assert_int_equal(b->report.outcome, LU_OK);
	check_all_pass(b);
	bench_free(b);
}

static void test_tick_damage_is_found(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct bench *b;

		run_jumper("tick", kinds[i], &b);
		/* A counter that falls makes every reply wrong, the others
		 * show in the audit alone. */
		assert_int_equal(b->report.outcome,
				 g_str_equal(kinds[i], "reset-counter") ? LU_TIMEOUT : LU_OK);
		check_verdict(b, "state", LU_FAIL);
		check_verdict(b, "connections", LU_PASS);
		bench_free(b);
	}
}

static void test_redis_damage_is_found(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct bench *b;

		run_jumper("redis", kinds[i], &b);
		check_verdict(b, "acknowledged-writes", LU_FAIL);
		bench_free(b);
	}
}

static void test_jump_to_nowhere_is_found(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	b->plan->strategy = &jumper;
	loopback_guest_jump_nowhere(b->guest);
	run(b);
	check_verdict(b, "version", LU_FAIL);
	check_verdict(b, "state", LU_PASS);
	bench_free(b);
}

static void run_fault(struct bench *b, const struct lu_strategy *strategy, const char *phase,
		      const char *kind)
{
	b->plan->strategy = strategy;
	b->plan->fault_phase = g_strdup(phase);
	b->plan->fault_kind = g_strdup(kind);
	run(b);
}

static void check_rolled_back(const char *phase, const char *kind, const char *due_steps)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	run_fault(b, &jumper, phase, kind);
	assert_string_equal(steps->str, due_steps);
	assert_int_equal(b->report.outcome, LU_FAILED);
	assert_string_equal(b->report.phase, phase);
	assert_non_null(strstr(b->report.reason, "injected fault"));
	check_all_pass(b);
	check_verdict(b, "service-unharmed", LU_PASS);
	assert_true(b->report.rolled_back);
	assert_string_equal(b->report.console_tail, "last words");
	bench_free(b);
}

static void test_undo_in_reverse(void **state)
{
	check_rolled_back("PREPARE", "before", "-P ");
	check_rolled_back("PREPARE", "error", "P -P ");
	check_rolled_back("FREEZE", "before", "P -F -P ");
	check_rolled_back("FREEZE", "error", "P F -F -P ");
	check_rolled_back("PRESERVE", "before", "P F -S -F -P ");
	check_rolled_back("PRESERVE", "error", "P F S -S -F -P ");
}

static void check_failed(const char *phase, const char *kind, const char *due_steps)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	run_fault(b, &jumper, phase, kind);
	assert_string_equal(steps->str, due_steps);
	assert_int_equal(b->report.outcome, LU_FAILED);
	assert_string_equal(b->report.phase, phase);
	assert_false(b->report.rolled_back);
	check_verdict(b, "state", LU_WAIVED);
	bench_free(b);
}

static void test_no_way_back_from_switch(void **state)
{
	check_failed("SWITCH", "before", "P F S ");
	check_failed("SWITCH", "error", "P F S J ");
	check_failed("RESUME", "error", "P F S J R ");
}

static void test_dead_guest_is_not_rolled_back(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	run_fault(b, &jumper, "PREPARE", "kill");
	assert_string_equal(steps->str, "P F -F -P ");
	assert_int_equal(b->report.outcome, LU_FAILED);
	assert_string_equal(b->report.phase, "FREEZE");
	assert_false(b->report.rolled_back);
	check_verdict(b, "service-unharmed", LU_FAIL);
	bench_free(b);
}

static void test_hang_is_a_timeout(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	run_fault(b, &jumper, "RESUME", "hang");
	assert_int_equal(b->report.outcome, LU_TIMEOUT);
	assert_non_null(strstr(b->report.reason, "no correct reply"));
	bench_free(b);
}

static void test_refused(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	b->plan->strategy = &refuser;
	run(b);
	assert_int_equal(b->report.outcome, LU_REFUSED);
	assert_string_equal(b->report.reason, "cannot carry it");
	assert_string_equal(steps->str, "P F -S -F -P ");
	assert_true(b->report.rolled_back);
	bench_free(b);
}

static void test_too_late_to_refuse(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	b->plan->strategy = &late_refuser;
	run(b);
	assert_int_equal(b->report.outcome, LU_FAILED);
	assert_false(b->report.rolled_back);
	bench_free(b);
}

static void test_phase_deadline(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\", \"timeouts\": {\"phase_ms\": 150}}");

	b->plan->strategy = &latecomer;
	run(b);
	assert_int_equal(b->report.outcome, LU_TIMEOUT);
	assert_string_equal(b->report.phase, "PRESERVE");
	assert_true(b->report.rolled_back);
	bench_free(b);
}

static void test_failed_undo_is_told(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	b->plan->strategy = &stuck;
	run(b);
	assert_int_equal(b->report.outcome, LU_REFUSED);
	assert_false(b->report.rolled_back);
	check_verdict(b, "service-unharmed", LU_FAIL);
	assert_non_null(
		strstr(json_string_value(json_object_get(
			       json_object_get(b->report.oracles, "service-unharmed"), "evidence")),
		       "cannot go back"));
	bench_free(b);
}

/* Undone by its own account, and an oracle sees that the service is not as it was. */
static void test_bad_undo_is_found(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");

	b->plan->strategy = &spoiler;
	run(b);
	assert_int_equal(b->report.outcome, LU_REFUSED);
	assert_false(b->report.rolled_back);
	check_verdict(b, "state", LU_FAIL);
	check_verdict(b, "service-unharmed", LU_FAIL);
	bench_free(b);
}

/* Cancelled anywhere: no outcome at all, no undo. */
static void test_interrupt(void **state)
{
	for (unsigned n = 1; n < 18; n += 4) {
		struct bench *b = bench_new("{\"strategy\": \"pause\"}");

		loopback_guest_interrupt(b->guest, n);
		assert_false(run_engine(b));
		assert_true(g_error_matches(b->error, LU_ERROR, LU_ERROR_INTERRUPTED));
		assert_null(lu_timeline_find(b->timeline, "engine", "undo-begin", 0));
		bench_free(b);
	}
}

static int64_t number(const struct lu_event *event, const char *key)
{
	return json_integer_value(json_object_get(event->value, key));
}

/* Before and after, each as the guest told it, which takes no time here. */
static void test_clocks(void **state)
{
	struct bench *b = bench_new("{\"strategy\": \"null\"}");
	const struct lu_event *event = NULL;
	unsigned n = 0;

	run(b);
	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		event = lu_timeline_at(b->timeline, i);
		if (!lu_event_is(event, "guest", "clock"))
			continue;
		assert_int_equal(event->id, n++);
		assert_int_equal(number(event, "asked_ns"), event->t_ns);
		assert_int_equal(number(event, "monotonic_ns"), event->t_ns);
		assert_int_equal(number(event, "boottime_ns"), event->t_ns + LOOPBACK_SLEPT_NS);
	}
	assert_int_equal(n, 2);
	check_verdict(b, "clock", LU_PASS);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_pause_shows_its_time),
		cmocka_unit_test(test_cold_waives_with_evidence),
		cmocka_unit_test(test_cold_redis),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_jump_redis),
		cmocka_unit_test(test_tick_damage_is_found),
		cmocka_unit_test(test_redis_damage_is_found),
		cmocka_unit_test(test_jump_to_nowhere_is_found),
		cmocka_unit_test(test_undo_in_reverse),
		cmocka_unit_test(test_no_way_back_from_switch),
		cmocka_unit_test(test_dead_guest_is_not_rolled_back),
		cmocka_unit_test(test_hang_is_a_timeout),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_late_to_refuse),
		cmocka_unit_test(test_phase_deadline),
		cmocka_unit_test(test_failed_undo_is_told),
		cmocka_unit_test(test_bad_undo_is_found),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
