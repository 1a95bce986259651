/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What breaks is told, and no service goes on with memory that is wrong: faults of the checkpoint, of
 * what a restore needs beside it, of the next release and of the clients' network. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "model/fault.h"
#include "model/strategy.h"
#include "record/error.h"
#include "record/metrics.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

static struct simrun *broken(const char *strategy, const char *params, const char *phase,
			     const char *kind)
{
	struct lu_plan *plan = simrun_plan_broken(strategy, params, phase, kind);
	struct simrun *simrun;

	assert_non_null(plan);
	simrun = simrun_new(plan);
	simrun_run(simrun);
	return simrun;
}

/* words: of the reason. */
static void expect(struct simrun *simrun, enum lu_outcome outcome, const char *phase,
		   const char *words)
{
	const struct lu_outcome_report *report = &simrun->report;

	if (report->outcome != outcome || g_strcmp0(report->phase, phase) ||
	    !strstr(report->reason ?: "", words))
		fail_msg("not %s in %s, but %s in %s: %s", lu_outcome_name(outcome), phase,
			 lu_outcome_name(report->outcome), report->phase, report->reason);
	assert_int_equal(lu_metrics_compute(simrun->timeline).replies_wrong, 0);
	if (report->rolled_back)
		assert_null(lu_sim_left_over(simrun->guest));
}

static void expect_rolled_back(struct simrun *simrun, enum lu_outcome outcome, const char *phase,
			       const char *words)
{
	expect(simrun, outcome, phase, words);
	assert_true(simrun->report.rolled_back);
	simrun_free(simrun);
}

static void expect_told(struct simrun *simrun, const char *phase, const char *words)
{
	expect(simrun, LU_FAILED, phase, words);
	assert_false(simrun->report.rolled_back);
	simrun_free(simrun);
}

static void test_full(void **state)
{
	expect_rolled_back(broken("kexec", NULL, "PREPARE", "store-full"), LU_REFUSED, "PREPARE",
			   "room for 0 MB");
	expect_rolled_back(broken("kexec", NULL, "FREEZE", "store-full"), LU_REFUSED, "PRESERVE",
			   "No space left");
}

static void test_broken_store(void **state)
{
	static const char *const kinds[] = {"store-flip", "store-truncate", "store-remove"};
	static const char damaged[] = "the checkpoint is damaged";

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		expect_told(broken("kexec", NULL, "PRESERVE", kinds[i]), "RESTORE", damaged);
		expect_told(broken("twophase", "restore=eager manifest=on", "PRESERVE", kinds[i]),
			    "RESTORE", damaged);
		expect_told(broken("twophase", "restore=lazy manifest=on", "PRESERVE", kinds[i]),
			    "RESTORE", damaged);
		expect_told(broken("warm", NULL, "PRESERVE", kinds[i]), "RESTORE", damaged);
		expect_rolled_back(broken("failover", NULL, "PRESERVE", kinds[i]), LU_REFUSED,
				   "PRESERVE", damaged);
	}
}

/* Without a manifest a client finds out, or nobody. */
static void test_unnoticed(void **state)
{
	static const char *const strategies[] = {"kexec", "failover", "script"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		bool script = g_str_equal(strategies[i], "script");
		struct simrun *simrun = broken(strategies[i], script ? NULL : "manifest=off",
					       "PRESERVE", "store-flip");

		assert_int_equal(simrun->report.outcome, LU_OK);
		assert_string_equal(simrun_verdict(simrun, "state"), "fail");
		simrun_free(simrun);
	}
}

static void test_beside_the_checkpoint(void **state)
{
	expect_told(broken("kexec", NULL, "RESTORE", "file-missing"), "RESTORE", "No such file");
	expect_told(broken("kexec", NULL, "RESTORE", "file-grown"), "RESTORE", "bad size");
	expect_told(broken("kexec", NULL, "RESTORE", "library-replaced"), "RESTORE", "build-ID");
	expect_told(broken("script", NULL, "RESTORE", "library-replaced"), "RESTORE", "build-ID");
	expect_told(broken("kexec", NULL, "RESTORE", "restore-fails"), "RESTORE", "File exists");
	expect_rolled_back(broken("failover", NULL, "PRESERVE", "restore-fails"), LU_REFUSED,
			   "PRESERVE", "File exists");
}

static void test_next_release(void **state)
{
	struct simrun *simrun;

	expect_told(broken("kexec", NULL, "SWITCH", "next-panics"), "SWITCH", "Kernel panic");
	expect_told(broken("cold", NULL, "SWITCH", "next-panics"), "SWITCH", "Kernel panic");
	expect_told(broken("kexec", NULL, "SWITCH", "next-lacks-module"), "RESTORE",
		    "No such file");
	expect_rolled_back(broken("failover", NULL, "PREPARE", "next-panics"), LU_FAILED, "PREPARE",
			   "Kernel panic");
	expect_rolled_back(broken("failover", NULL, "PREPARE", "next-hangs"), LU_TIMEOUT, "PREPARE",
			   "20000 ms");
	expect_rolled_back(broken("failover", NULL, "PREPARE", "next-lacks-module"), LU_FAILED,
			   "PREPARE", "No such file");
	simrun = broken("kexec", NULL, "SWITCH", "next-hangs");
	expect(simrun, LU_TIMEOUT, "SWITCH", "no answer");
	simrun_free(simrun);
}

/* Replies between the fault and the end of the last phase. */
static unsigned answered_while_down(const struct lu_timeline *timeline)
{
	int64_t down_ns = INT64_MAX, up_ns = INT64_MIN;
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (lu_event_is(event, "engine", "fault"))
			down_ns = event->t_ns;
		if (lu_event_is(event, "engine", "phase-end"))
			up_ns = event->t_ns;
	}
	assert_true(down_ns < up_ns);
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		n += lu_event_is(event, "client", "reply") && event->t_ns > down_ns &&
		     event->t_ns < up_ns;
	}
	return n;
}

/* It comes back, and then all do. */
static void test_network_down(void **state)
{
	static const char *const strategies[] = {"kexec", "failover", "migrate", "pause"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		const char *phase = g_str_equal(strategies[i], "pause") ? "FREEZE" : "PREPARE";
		struct simrun *simrun = broken(strategies[i], NULL, phase, "network-down");

		if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun))
			fail_msg("%s: %s: %s", strategies[i],
				 lu_outcome_name(simrun->report.outcome), simrun->report.reason);
		assert_int_equal(lu_metrics_compute(simrun->timeline).connections_reset, 0);
		assert_int_equal(answered_while_down(simrun->timeline), 0);
		simrun_free(simrun);
	}
}

/* It comes back before anything is undone. */
static void test_network_back(void **state)
{
	struct lu_plan *plan = simrun_plan_broken("kexec", NULL, "PREPARE", "network-down");
	struct simrun *simrun = simrun_new(plan);

	lu_sim_fail_verb(simrun->guest, "service.freeze", LU_ERROR_REFUSED, "it broke");
	simrun_run(simrun);
	expect_rolled_back(simrun, LU_REFUSED, "FREEZE", "it broke");
}

/* What the agent says it has broken: "flip: …"; NULL: nothing. */
static const char *broke(const struct lu_timeline *timeline)
{
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (lu_event_is(event, "guest", "note") &&
		    !g_strcmp0(json_string_value(json_object_get(event->value, "name")), "fault"))
			return json_string_value(json_object_get(event->value, "text"));
	}
	return NULL;
}

static void test_seed(void **state)
{
	struct simrun *one, *other;
	struct lu_plan *plan = simrun_plan_broken("kexec", NULL, "PRESERVE", "store-flip");

	plan->seed = 12;
	one = simrun_new(plan);
	simrun_run(one);
	other = broken("kexec", NULL, "PRESERVE", "store-flip");
	assert_string_equal(broke(one->timeline), "flip: byte 12");
	assert_string_not_equal(broke(one->timeline), broke(other->timeline));
	simrun_free(one);
	simrun_free(other);
}

/* Once, and the very thing that its name says. A next release is made beforehand. */
static void check_made(const struct simrun *simrun, const struct lu_fault *fault)
{
	unsigned n = 0;
	const char *what = broke(simrun->timeline);
	g_autofree char *how = g_strndup(what ?: "", strcspn(what ?: "", ":"));

	for (size_t i = 0; i < lu_timeline_count(simrun->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(simrun->timeline, i);

		n += lu_event_is(event, "engine", "fault") &&
		     g_str_equal(json_string_value(json_object_get(event->value, "kind")),
				 fault->name);
	}
	if (fault->needs)
		return;
	if (n != 1)
		fail_msg("%s: made %u times", fault->name, n);
	if (!g_str_has_prefix(simrun->report.reason ?: "", LU_FAULT_NOT_MADE) &&
	    (!*how || !(g_str_has_suffix(fault->name, how) || g_str_has_prefix(how, "process"))))
		fail_msg("%s: broke %s", fault->name, what ?: "nothing");
}

/* Those that any strategy has something to break for are tried in every phase by strategies-faults.
 * Wherever one applies it ends the run, and what was rolled back leaves nothing. */
static void check_one(const struct lu_strategy *strategy, const struct lu_fault *fault,
		      const char *phase)
{
	struct lu_plan *plan = simrun_plan_broken(strategy->name, NULL, phase, fault->name);
	struct simrun *simrun;
	bool kept;

	if (!plan || !lu_plan_feasible(plan, NULL)) {
		lu_plan_free(plan);
		return;
	}
	kept = json_is_true(json_object_get(plan->strategy_params, "manifest"));
	simrun = simrun_new(plan);
	simrun_run(simrun);
	check_made(simrun, fault);
	if (simrun->report.outcome == LU_OK && kept && !simrun_all_pass(simrun))
		fail_msg("%s, %s after %s: ok by its own account, and an oracle failed",
			 strategy->name, fault->name, phase);
	if (simrun->report.outcome != LU_OK && !*(simrun->report.reason ?: ""))
		fail_msg("%s, %s after %s: no reason", strategy->name, fault->name, phase);
	if (simrun->report.rolled_back && lu_sim_left_over(simrun->guest))
		fail_msg("%s, %s after %s: %s", strategy->name, fault->name, phase,
			 lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}

static void test_all(void **state)
{
	for (size_t s = 0; lu_strategies[s]; s++)
		for (size_t f = 0; lu_faults[f]; f++)
			for (const char *const *edge = lu_faults[f]->edges; *edge; edge++)
				if (lu_faults[f]->check &&
				    simrun_simulated(lu_strategies[s]->name, "x86-q35"))
					check_one(lu_strategies[s], lu_faults[f], *edge);
}

/* What has nothing to break says so before anything is booted. */
static void test_nothing_to_break(void **state)
{
	static const struct {
		const char *strategy, *phase, *kind, *message;
	} cases[] = {
		{"pause", "FREEZE", "store-flip",
		 "store-flip breaks a checkpoint, and strategy pause"},
		{"kexec", "PRESERVE", "restore-fails",
		 "restores after its first phase of kind RESTORE"},
		{"kexec", "PREPARE", "next-panics", "boots the next kernel in SWITCH"},
		{"script", "SWITCH", "next-panics", "by its own script"},
		{"failover", "PREPARE", "store-full", "no store yet after its first phase"},
		{"migrate", "SWITCH", "next-hangs", "boots no next kernel"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_auto_t *doc = json_pack("{s:s, s:s, s:{s:s, s:s}}", "strategy",
					     cases[i].strategy, "guest", "sim", "fault", "phase",
					     cases[i].phase, "kind", cases[i].kind);
		g_autoptr(GError) error = NULL;

		assert_null(lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error));
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
		if (!strstr(error->message, cases[i].message))
			fail_msg("%s", error->message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_broken_store),
		cmocka_unit_test(test_unnoticed),
		cmocka_unit_test(test_next_release),
		cmocka_unit_test(test_beside_the_checkpoint),
		cmocka_unit_test(test_network_down),
		cmocka_unit_test(test_network_back),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_nothing_to_break),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
