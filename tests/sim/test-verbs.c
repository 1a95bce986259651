/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated agent's verbs: out of order they fail as the real one's would, in time they do,
 * late they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/bringup.h"
#include "agent/verb.h"
#include "sim/sim.h"
#include "sim/verb.h"
#include "tests/strategies/simrun.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static struct simrun *booted(const char *machine)
{
	struct simrun *simrun = simrun_new(simrun_plan("kexec", NULL, "tick", machine));
	g_autoptr(GError) error = NULL;

	if (!simrun->guest->ops->boot(simrun->guest, LU_RELEASE_OLD, 60 * SECOND, &error))
		fail_msg("%s", error->message);
	return simrun;
}

/* NULL: it went well; otherwise the message (to be freed), *code its error code. */
static char *call(struct simrun *simrun, const char *verb, json_t *args, int *code)
{
	g_autoptr(GError) error = NULL;

	if (simrun->guest->ops->call(simrun->guest, verb, args, 60 * SECOND, NULL, &error))
		return NULL;
	assert_true(error->domain == LU_ERROR);
	*code = error->code;
	return g_strdup(error->message);
}

static void must(struct simrun *simrun, const char *verb, json_t *args)
{
	int code;
	g_autofree char *why = call(simrun, verb, args, &code);

	if (why)
		fail_msg("%s: %s", verb, why);
}

static void must_fail(struct simrun *simrun, const char *verb, json_t *args, int code,
		      const char *words)
{
	int got = -1;
	g_autofree char *why = call(simrun, verb, args, &got);

	if (!why)
		fail_msg("%s went well", verb);
	assert_int_equal(got, code);
	if (!strstr(why, words))
		fail_msg("%s: '%s' does not say '%s'", verb, why, words);
}

static json_t *features(const char *a, const char *b, const char *c)
{
	return json_pack("{s:[s, s, s]}", "features", a, b, c);
}

static json_t *store(const char *kind, int format)
{
	return json_pack("{s:s, s:b}", "kind", kind, "format", format);
}

static void bring_up(struct simrun *simrun)
{
	g_autoptr(GError) error = NULL;

	if (!lu_bringup(simrun->guest, simrun->plan, INT64_MAX, &error))
		fail_msg("%s", error->message);
}

static void test_out_of_order(void **state)
{
	struct simrun *simrun = booted("x86-q35");
	g_autoptr(GError) error = NULL;

	must_fail(simrun, "net.up", NULL, LU_ERROR_UNSUPPORTED, "net");
	must_fail(simrun, "service.freeze", NULL, LU_ERROR_FAILED, "no service");
	must_fail(simrun, "store.open", store("disk", 1), LU_ERROR_UNSUPPORTED, "block");
	must_fail(simrun, "stage", NULL, LU_ERROR_UNSUPPORTED, "block");
	must_fail(simrun, "kexec.load", json_pack("{s:s}", "method", "direct"), LU_ERROR_USAGE,
		  "staged");
	must_fail(simrun, "checkpoint", NULL, LU_ERROR_REFUSED, "store");
	must_fail(simrun, "restore", NULL, LU_ERROR_REFUSED, "no checkpoint");
	must_fail(simrun, "net.nudge", NULL, LU_ERROR_FAILED, "no service");
	must_fail(simrun, "no.such.verb", NULL, LU_ERROR_USAGE, "no.such.verb");
	must_fail(simrun, "modules", features("net", "gpu", "ext4"), LU_ERROR_UNSUPPORTED, "gpu");
	assert_false(
		simrun->guest->ops->jump(simrun->guest, "kexec.jump", NULL, 60 * SECOND, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	assert_string_equal(simrun->guest->ops->kernel(simrun->guest),
			    simrun->guest->ops->release(simrun->guest, LU_RELEASE_OLD));
	simrun_free(simrun);
}

static void test_undo_of_nothing(void **state)
{
	static const char *const undo[] = {"store.close",	 "unstage",	 "kexec.unload",
					   "checkpoint.discard", "service.thaw", "service.stop",
					   "net.unlock",	 "net.down",	 "handover.abort"};
	struct simrun *simrun = booted("x86-q35");

	for (size_t i = 0; i < G_N_ELEMENTS(undo); i++)
		must(simrun, undo[i], NULL);
	simrun_free(simrun);
}

/* A dump with sockets that could still acknowledge data would lose it. */
static void test_dump_wants_a_lock(void **state)
{
	struct simrun *simrun = booted("x86-q35");

	bring_up(simrun);
	must(simrun, "modules", features("block", "ext4", "criu"));
	must(simrun, "store.open", store("disk", 1));
	must_fail(simrun, "checkpoint", json_pack("{s:b}", "tcp", 1), LU_ERROR_REFUSED, "locked");
	must(simrun, "net.lock", NULL);
	must(simrun, "checkpoint", json_pack("{s:b}", "tcp", 1));
	must_fail(simrun, "restore", NULL, LU_ERROR_REFUSED, "runs already");
	must_fail(simrun, "store.open", store("disk", 0), LU_ERROR_USAGE, "open already");
	simrun_free(simrun);
}

static json_t *step(const char *name)
{
	return json_pack("{s:[s]}", "args", name);
}

/* The script's steps are held to what the verbs are held to, and a good dump ends the service. */
static void test_script_steps(void **state)
{
	struct simrun *simrun = simrun_new(simrun_plan("script", NULL, "tick", "x86-q35"));
	g_autoptr(GError) error = NULL;

	assert_true(simrun->guest->ops->boot(simrun->guest, LU_RELEASE_OLD, 60 * SECOND, &error));
	must_fail(simrun, "script.run", step("no_such_step"), LU_ERROR_FAILED, "not found");
	must_fail(simrun, "script.run", NULL, LU_ERROR_FAILED, "no step");
	must_fail(simrun, "script.run", step("load"), LU_ERROR_USAGE, "staged");
	must_fail(simrun, "script.run", step("bring_back"), LU_ERROR_REFUSED, "no checkpoint");
	bring_up(simrun);
	must(simrun, "script.run", step("format"));
	must(simrun, "script.run", step("dump"));
	must_fail(simrun, "service.freeze", NULL, LU_ERROR_FAILED, "no service");
	must(simrun, "script.run", step("unmount"));
	must_fail(simrun, "script.run", step("undump"), LU_ERROR_REFUSED, "no checkpoint");
	must(simrun, "script.run", step("remount"));
	must(simrun, "script.run", step("remount"));
	must(simrun, "script.run", step("undump"));
	must(simrun, "script.run", step("unmount"));
	assert_null(lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}

static void test_store_of_the_machine(void **state)
{
	struct simrun *simrun = booted("ppc64-pseries");

	must(simrun, "modules", features("block", "ext4", "criu"));
	must_fail(simrun, "store.open", store("pmem", 1), LU_ERROR_UNSUPPORTED, "pmem");
	must_fail(simrun, "store.open", store("disk", 0), LU_ERROR_FAILED, "file system");
	simrun_free(simrun);
}

/* The time that was asked for passes, to the nanosecond, and no more. */
static void test_timeout(void **state)
{
	struct simrun *simrun = booted("x86-q35");
	int64_t before = simrun->guest->ops->now(simrun->guest);
	g_autoptr(GError) error = NULL;

	assert_false(simrun->guest->ops->call(
		simrun->guest, "modules", features("net", "block", "ext4"), 10 * MS, NULL, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_TIMEOUT));
	assert_true(simrun->guest->ops->now(simrun->guest) == before + 10 * MS);
	g_clear_error(&error);
	assert_true(simrun->guest->ops->wait(simrun->guest, 7 * MS, &error));
	assert_true(simrun->guest->ops->now(simrun->guest) == before + 17 * MS);
	simrun_free(simrun);
}

static void check_sabotage(const char *kind, int code, const char *words)
{
	struct simrun *simrun = booted("x86-q35");
	g_autoptr(GError) error = NULL;

	assert_true(simrun->guest->ops->sabotage(simrun->guest, kind, &error));
	must_fail(simrun, "ping", NULL, code, words);
	simrun_free(simrun);
}

static void test_sabotage(void **state)
{
	check_sabotage("panic", LU_ERROR_FAILED, "Kernel panic");
	check_sabotage("kill", LU_ERROR_FAILED, "died");
	check_sabotage("hang", LU_ERROR_TIMEOUT, "60000 ms");
}

static json_t *argv(const char *version)
{
	return json_pack("{s:[s, s, s]}", "argv", "/usr/bin/tick", "--app", version);
}

/* A handover goes step by step, and can be taken back until the last but one. */
static void test_handover_steps(void **state)
{
	static const char *const steps[] = {"handover.begin", "handover.copy", "handover.stand",
					    "handover.rest"};
	struct simrun *simrun = simrun_new(simrun_plan("standby", NULL, "tick", "x86-q35"));
	g_autoptr(GError) error = NULL;

	assert_true(simrun->guest->ops->boot(simrun->guest, LU_RELEASE_OLD, 60 * SECOND, &error));
	must_fail(simrun, "handover.begin", argv("2"), LU_ERROR_FAILED, "no service");
	bring_up(simrun);
	must_fail(simrun, "handover.copy", NULL, LU_ERROR_USAGE, "no handover");
	must_fail(simrun, "handover.stand", NULL, LU_ERROR_USAGE, "no handover");
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		must_fail(simrun, "handover.take", NULL, LU_ERROR_USAGE, "nothing");
		must(simrun, steps[i], i ? NULL : argv("2"));
		assert_non_null(lu_sim_left_over(simrun->guest));
	}
	must(simrun, "handover.abort", NULL);
	assert_null(lu_sim_left_over(simrun->guest));
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		must(simrun, steps[i], i ? NULL : argv("2"));
	must_fail(simrun, "handover.begin", argv("1"), LU_ERROR_USAGE, "in progress");
	must_fail(simrun, "handover.end", NULL, LU_ERROR_USAGE, "nothing");
	must(simrun, "handover.take", NULL);
	must_fail(simrun, "handover.abort", NULL, LU_ERROR_USAGE, "cannot be undone");
	must(simrun, "handover.end", NULL);
	assert_null(lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}

/* What a power cycle leaves: nothing but the next kernel. */
static void test_power_cycle(void **state)
{
	struct simrun *simrun = booted("x86-q35");
	g_autoptr(GError) error = NULL;

	bring_up(simrun);
	assert_true(simrun->guest->ops->power_cycle(simrun->guest, LU_RELEASE_NEW, 60 * SECOND,
						    &error));
	assert_string_equal(simrun->guest->ops->kernel(simrun->guest),
			    simrun->guest->ops->release(simrun->guest, LU_RELEASE_NEW));
	must_fail(simrun, "net.up", NULL, LU_ERROR_UNSUPPORTED, "net");
	must_fail(simrun, "service.freeze", NULL, LU_ERROR_FAILED, "no service");
	bring_up(simrun);
	assert_null(lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}

static bool agent_has(const char *name)
{
	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++)
		for (const struct verb *verb = (*family)->verbs; verb->name; verb++)
			if (!strcmp(verb->name, name))
				return true;
	return false;
}

/* Nothing can be simulated that no agent does. */
static void test_all_are_the_agents(void **state)
{
	for (const struct lu_sim_verbs *const *family = lu_sim_verbs; *family; family++)
		for (const struct sim_verb *verb = (*family)->verbs; verb->name; verb++)
			if (!agent_has(verb->name))
				fail_msg("the agent has no verb %s", verb->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_undo_of_nothing),
		cmocka_unit_test(test_dump_wants_a_lock),
		cmocka_unit_test(test_script_steps),
		cmocka_unit_test(test_store_of_the_machine),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_sabotage),
		cmocka_unit_test(test_power_cycle),
		cmocka_unit_test(test_handover_steps),
		cmocka_unit_test(test_all_are_the_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
