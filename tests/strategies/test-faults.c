/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault of every kind in every phase of every strategy. Before SWITCH the service must be back,
 * unharmed, on the old kernel; from SWITCH on the run must say that it failed, and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/fault.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define for_each_strategy(s)                                                                       \
	for (const struct lu_strategy *const *s##_at = lu_strategies, *s; (s = *s##_at) != NULL;   \
	     s##_at++)

static bool has_kind(const struct lu_strategy *s, enum lu_phase_kind kind)
{
	for (const struct lu_phase *p = s->phases; p->name; p++)
		if (p->kind == kind)
			return true;
	return false;
}

static struct simrun *faulty(const struct lu_strategy *s, enum lu_phase_kind phase,
			     const char *kind)
{
	struct simrun *simrun =
		simrun_new(simrun_plan_fault(s->name, "x86-q35", lu_phase_kind_name(phase), kind));

	simrun_run(simrun);
	return simrun;
}

static void describe_and_fail(const struct simrun *simrun, const struct lu_strategy *s,
			      enum lu_phase_kind phase, const char *kind, const char *what)
{
	g_autofree char *oracles = json_dumps(simrun->report.oracles, JSON_INDENT(1));

	fail_msg("%s, %s in %s: %s; outcome %s (%s), rolled back %d\n%s", s->name, kind,
		 lu_phase_kind_name(phase), what, lu_outcome_name(simrun->report.outcome),
		 simrun->report.reason, simrun->report.rolled_back, oracles);
}

/* Old kernel, correct replies, nothing of the upgrade left. */
static void check_unharmed(const struct simrun *simrun, const struct lu_strategy *s,
			   enum lu_phase_kind phase, const char *kind)
{
	const struct lu_guest_ops *ops = simrun->guest->ops;
	const char *left = lu_sim_left_over(simrun->guest);

	if (!simrun->report.rolled_back)
		describe_and_fail(simrun, s, phase, kind, "not rolled back");
	if (strcmp(ops->kernel(simrun->guest), ops->release(simrun->guest, LU_RELEASE_OLD)))
		describe_and_fail(simrun, s, phase, kind, "another kernel runs");
	if (strcmp(simrun_verdict(simrun, "service-unharmed"), "pass") || !simrun_all_pass(simrun))
		describe_and_fail(simrun, s, phase, kind, "the service was harmed");
	if (left)
		describe_and_fail(simrun, s, phase, kind, left);
}

static void check_soft(const struct lu_strategy *s, enum lu_phase_kind phase, const char *kind)
{
	struct simrun *simrun = faulty(s, phase, kind);

	if (simrun->report.outcome != LU_FAILED ||
	    g_strcmp0(simrun->report.phase, lu_phase_kind_name(phase)))
		describe_and_fail(simrun, s, phase, kind, "should have failed in that phase");
	if (!strstr(simrun->report.reason, "injected fault"))
		describe_and_fail(simrun, s, phase, kind, "the reason was lost");
	if (phase < LU_SWITCH)
		check_unharmed(simrun, s, phase, kind);
	else if (simrun->report.rolled_back)
		describe_and_fail(simrun, s, phase, kind, "claims a roll-back after SWITCH");
	simrun_free(simrun);
}

static void test_soft_faults(void **state)
{
	for_each_strategy(s) for (enum lu_phase_kind k = LU_PREPARE; k < LU_PHASE_KINDS; k++)
	{
		if (!has_kind(s, k) || !simrun_simulated(s->name, "x86-q35"))
			continue;
		check_soft(s, k, "error");
		check_soft(s, k, "before");
	}
}

/* Nobody needs the machine that hangs once it has sent everything, or that dies once all is on a
 * disk. */
static bool outlived(const struct lu_strategy *s, enum lu_phase_kind phase, const char *kind)
{
	if (!strcmp(s->name, "warm"))
		return phase == LU_PRESERVE || phase == LU_SWITCH;
	return !strcmp(s->name, "failover") && (phase == LU_PRESERVE || phase == LU_SWITCH) &&
	       !strcmp(kind, "hang");
}

/* A dead guest cannot be rolled back by anyone; the run must not claim it, and must end. A machine
 * that the strategy itself continues or cycles afterwards comes back, and then the run is judged
 * like any other. */
static void check_hard(const struct lu_strategy *s, enum lu_phase_kind phase, const char *kind)
{
	struct simrun *simrun = faulty(s, phase, kind);
	const char *last = simrun->report.console_tail;

	/* who is stopped already cannot end */
	if (g_str_has_prefix(simrun->report.reason ?: "", LU_FAULT_NOT_MADE)) {
		simrun_free(simrun);
		return;
	}
	if (simrun->report.outcome == LU_OK && s->keeps_state && strcmp(s->name, "pause") &&
	    !outlived(s, phase, kind))
		describe_and_fail(simrun, s, phase, kind, "nobody noticed");
	if (simrun->report.outcome == LU_OK && !simrun_all_pass(simrun))
		describe_and_fail(simrun, s, phase, kind, "ok with a failed oracle");
	if (simrun->report.outcome != LU_OK && simrun->report.rolled_back)
		describe_and_fail(simrun, s, phase, kind,
				  "claims that a dead guest was rolled back");
	if (simrun->report.outcome != LU_OK && !strcmp(kind, "panic") && !strstr(last, "panic"))
		describe_and_fail(simrun, s, phase, kind, "the console's last words were lost");
	simrun_free(simrun);
}

static void test_hard_faults(void **state)
{
	static const char *const kinds[] = {"panic", "kill", "hang", "agent-dies"};

	for_each_strategy(s) for (enum lu_phase_kind k = LU_PREPARE; k < LU_PHASE_KINDS; k++)
	{
		if (!has_kind(s, k) || !simrun_simulated(s->name, "x86-q35"))
			continue;
		for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
			check_hard(s, k, kinds[i]);
	}
}

/* Each verb that a strategy uses may fail by itself, with half of its phase done. */
static void check_verb(const char *strategy, const char *verb, bool before_switch)
{
	const char *params = strcmp(strategy, "kexec") ? NULL : "predump=1";

	simrun_break(simrun_plan(strategy, params, "tick", "x86-q35"), verb, before_switch);
}

static void test_verbs_fail(void **state)
{
	static const char *const before[] = {"store.open", "stage", "kexec.load", "checkpoint",
					     "net.lock"};
	static const char *const after[] = {"kexec.jump", "restore"};
	static const char *const failover_before[] = {
		"store.open",	  "link.up",	     "standby.start",  "replica.serve",
		"replica.ready",  "replica.precopy", "replica.arm",    "net.lock",
		"service.freeze", "replica.dump",    "replica.restore"};
	static const char *const twophase_before[] = {"store.open",    "stage",	     "kexec.load",
						      "pages.small",   "checkpoint", "net.lock",
						      "service.freeze"};
	static const char *const image_before[] = {"field.open",    "field.list", "store.open",
						   "standby.start", "checkpoint", "service.freeze",
						   "net.lock"};

	for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
		check_verb("kexec", before[i], true);
		check_verb("script", before[i], true);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(after); i++) {
		check_verb("kexec", after[i], false);
		check_verb("script", after[i], false);
	}
	check_verb("kexec", "service.freeze", true);
	check_verb("kexec", "net.nudge", false);
	check_verb("cold", "service.freeze", true);
	check_verb("cold", "service.stop", false);
	check_verb("cold", "power_cycle", false);
	check_verb("pause", "stop", true);
	for (size_t i = 0; i < G_N_ELEMENTS(failover_before); i++)
		check_verb("failover", failover_before[i], true);
	check_verb("failover", "standby.switch", false);
	check_verb("failover", "net.nudge", false);
	check_verb("failover", "standby.drop", false);
	for (size_t i = 0; i < G_N_ELEMENTS(twophase_before); i++)
		check_verb("twophase", twophase_before[i], true);
	check_verb("twophase", "kexec.jump", false);
	check_verb("twophase", "restore", false);
	check_verb("twophase", "net.nudge", false);
	check_verb("twophase", "memory.wait", false);
	for (size_t i = 0; i < G_N_ELEMENTS(image_before); i++)
		check_verb("image", image_before[i], true);
	check_verb("image", "standby.switch", false);
	check_verb("image", "restore", false);
	check_verb("image", "net.nudge", false);
	check_verb("kexec", "preflight", true);
	check_verb("kexec", "store.room", true);
	check_verb("failover", "store.room", true);
	check_verb("migrate", "standby.start", true);
	check_verb("migrate", "standby.copy", true);
	check_verb("migrate", "standby.switch", false);
	check_verb("migrate", "ping", false);
	check_verb("migrate", "standby.drop", false);
	check_verb("standby", "handover.begin", true);
	check_verb("standby", "handover.copy", true);
	check_verb("standby", "handover.stand", true);
	check_verb("standby", "handover.rest", true);
	check_verb("standby", "handover.take", false);
	check_verb("standby", "handover.end", false);
	check_verb("restart", "service.stop", false);
	check_verb("restart", "service.start", false);
}

/* CRIU's refusal, where it was not asked for before, reaches the user in its own words, and the
 * service goes on. */
static void check_refusal(const char *strategy)
{
	struct simrun *simrun =
		simrun_new(simrun_plan(strategy, "undumpable=on preflight=off", "tick", "x86-q35"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_REFUSED);
	assert_string_equal(simrun->report.phase, "PRESERVE");
	assert_non_null(strstr(simrun->report.reason, "cannot be dumped"));
	assert_true(simrun->report.rolled_back);
	assert_string_equal(simrun_verdict(simrun, "service-unharmed"), "pass");
	assert_null(lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}

static void test_refused_dump(void **state)
{
	check_refusal("kexec");
	check_refusal("script");
	check_refusal("failover");
	check_refusal("twophase");
	check_refusal("warm");
}

/* State that changed on the way must not go unseen, or the oracle proves nothing. */
static void check_damage(const char *strategy, const char *kind)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, NULL, "tick", "x86-q35"));

	lu_sim_damage_at_jump(simrun->guest, kind);
	simrun_run(simrun);
	if (simrun_all_pass(simrun))
		fail_msg("%s: '%s' at the jump went unseen", strategy, kind);
	simrun_free(simrun);
}

static void test_damage_is_seen(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		check_damage("standby", kinds[i]);
		check_damage("kexec", kinds[i]);
		check_damage("script", kinds[i]);
		check_damage("failover", kinds[i]);
		check_damage("twophase", kinds[i]);
		check_damage("warm", kinds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soft_faults),    cmocka_unit_test(test_hard_faults),
		cmocka_unit_test(test_verbs_fail),     cmocka_unit_test(test_refused_dump),
		cmocka_unit_test(test_damage_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
