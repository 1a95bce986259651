/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be known before the freeze is refused before it, and costs the clients nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "strategies/kit/preflight.h"
#include "tests/strategies/simrun.h"

#define MIB ((int64_t)1 << 20)

/* Strategies that take CRIU: those that can be told not to look. */
static bool carries_by_criu(const struct lu_strategy *s)
{
	return s->params && lu_param_find(s->params, "preflight");
}

static struct simrun *run_of(const char *strategy, const char *params)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, params, "tick", "x86-q35"));

	simrun_run(simrun);
	return simrun;
}

/* No edge of FREEZE or a later phase is on the timeline. */
static void assert_refused_in_prepare(const struct simrun *simrun, const char *words)
{
	const char *name = simrun->plan->strategy->name;

	if (simrun->report.outcome != LU_REFUSED || g_strcmp0(simrun->report.phase, "PREPARE") ||
	    !simrun->report.rolled_back)
		fail_msg("%s: %s in phase %s, rolled back %d: %s", name,
			 lu_outcome_name(simrun->report.outcome), simrun->report.phase,
			 simrun->report.rolled_back, simrun->report.reason);
	if (!strstr(simrun->report.reason, words))
		fail_msg("%s: '%s' does not say '%s'", name, simrun->report.reason, words);
	assert_string_equal(simrun_verdict(simrun, "service-unharmed"), "pass");
	assert_null(lu_sim_left_over(simrun->guest));
}

static void test_undumpable(void **state)
{
	unsigned tried = 0;

	for (size_t i = 0; lu_strategies[i]; i++) {
		const char *name = lu_strategies[i]->name;
		struct simrun *simrun;

		if (!carries_by_criu(lu_strategies[i]) || !simrun_simulated(name, "x86-q35"))
			continue;
		simrun = run_of(name, "undumpable=on");
		assert_refused_in_prepare(simrun, "descriptor 3, anon_inode:[pidfd]");
		simrun_free(simrun);
		tried++;
	}
	assert_true(tried >= 3);
}

/* Unasked, CRIU itself says so, with the service frozen. */
static void test_not_asked(void **state)
{
	struct simrun *simrun = run_of("kexec", "undumpable=on preflight=off");

	assert_int_equal(simrun->report.outcome, LU_REFUSED);
	assert_string_equal(simrun->report.phase, "PRESERVE");
	assert_non_null(strstr(simrun->report.reason, "Error (criu/"));
	simrun_free(simrun);
}

static void test_small_store(void **state)
{
	static const char *const strategies[] = {"kexec", "script"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		struct simrun *simrun = run_of(strategies[i], "state_mb=64 store_mb=40");

		assert_refused_in_prepare(simrun, "store_mb=");
		simrun_free(simrun);
		simrun = run_of(strategies[i], "state_mb=64 store_mb=40 preflight=off");
		assert_int_equal(simrun->report.outcome, LU_REFUSED);
		assert_non_null(strstr(simrun->report.reason, "No space left"));
		simrun_free(simrun);
	}
}

/* What it proposes does, and the store that it chooses itself holds each round. */
static void test_sizes(void **state)
{
	for (unsigned rounds = 0; rounds <= 4; rounds++) {
		g_autofree char *params =
			g_strdup_printf("state_mb=64 store_mb=40 predump=%u", rounds);
		g_autofree char *own = g_strdup_printf("state_mb=64 predump=%u", rounds);
		struct simrun *simrun = run_of("kexec", params);
		const char *proposed = strstr(simrun->report.reason, "store_mb=");
		g_autofree char *larger = g_strdup_printf(
			"%s %.*s", own, (int)strcspn(proposed ?: "", " "), proposed ?: "");

		assert_refused_in_prepare(simrun, "store_mb=");
		simrun_free(simrun);
		simrun = run_of("kexec", larger);
		if (simrun->report.outcome != LU_OK)
			fail_msg("%s: %s", larger, simrun->report.reason);
		simrun_free(simrun);
		simrun = run_of("kexec", own);
		assert_true(simrun->plan->needs->store_mb >= 64 * (1 + rounds));
		assert_int_equal(simrun->report.outcome, LU_OK);
		simrun_free(simrun);
	}
}

static json_t *reply(void)
{
	return json_pack("{s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}], s:i}", "findings", "fate",
			 "changed", "what", "its slack", "fate", "lost", "what", "its events",
			 "fate", "refused", "what", "its pidfd", "more", 2);
}

/* refuses, tells: what is said, NULL: nothing. */
static void expect(const char *level, const char *refuses, const char *tells)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *told = NULL;
	json_auto_t *said = reply();

	assert_int_equal(lu_preflight_judge(said, level, &told, &error), !refuses);
	if (refuses) {
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
		assert_string_equal(error->message, refuses);
	}
	assert_int_equal(g_strcmp0(told, tells), 0);
}

static void test_levels(void **state)
{
	expect("off", NULL, "its slack; its events; its pidfd; and 2 more");
	expect("tell", "preflight: its pidfd; and 2 more", "its slack; its events");
	expect("refuse", "preflight: its events; its pidfd; and 2 more", "its slack");
	expect("strict", "preflight: its slack; its events; its pidfd; and 2 more", NULL);
}

static void test_fits(void **state)
{
	const struct lu_preflight_room room = {.copies = 2, .raise = "store_mb", .now_mb = 50};
	json_auto_t *store = json_pack("{s:I}", "free_bytes", (json_int_t)(48 * MIB));
	g_autoptr(GError) error = NULL;

	assert_true(lu_preflight_fits(store, 20 * MIB, &room, &error));
	assert_false(lu_preflight_fits(store, 20 * MIB + 1, &room, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
	assert_string_equal(error->message,
			    "preflight: the checkpoint store has room for 48 MB, and up to 2 times "
			    "the service's 21 MB take 49 MB: store_mb=51 would do, it is 50");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undumpable),  cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_small_store), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_levels),	    cmocka_unit_test(test_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
