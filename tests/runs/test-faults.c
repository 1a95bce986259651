/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec on a real guest, broken in each of its phases: before SWITCH the service is unharmed, after
 * it the run says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static struct run broken(const char *fault)
{
	g_autofree char *options = g_strdup_printf("--strategy=kexec --fault=%s", fault);
	struct run run = run_lubench(options);

	assert_int_equal(run.status, 1);
	if (g_strcmp0(run_text(&run, "outcome"), "failed"))
		fail_msg("%s: outcome %s", fault, run_text(&run, "outcome"));
	return run;
}

static void test_before_switch(void **state)
{
	static const char *const faults[] = {"PRESERVE", "PRESERVE:before", "FREEZE", "PREPARE"};

	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
		struct run run;

		if (i && left_to_full(faults[i]))
			continue;
		run = broken(faults[i]);
		if (!json_is_true(json_object_get(run.result, "rolled_back")) ||
		    !g_str_equal(run_verdict(&run, "service-unharmed"), "pass"))
			fail_msg("%s: not rolled back, or harmed: %s", faults[i],
				 run_verdict(&run, "service-unharmed"));
		assert_string_equal(run_verdict(&run, "state"), "pass");
		assert_int_equal(run_metric(&run, "connections_reset"), 0);
		run_clear(&run);
	}
}

static void test_from_switch_on(void **state)
{
	static const char *const faults[] = {"SWITCH", "RESTORE", "RESUME", "FINISH"};

	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
		struct run run;

		if (i && left_to_full(faults[i]))
			continue;
		run = broken(faults[i]);
		assert_false(json_is_true(json_object_get(run.result, "rolled_back")));
		assert_string_equal(run_text(&run, "phase"), faults[i]);
		run_clear(&run);
	}
}

/* The reason is the kernel's own, not a time-out. */
static void test_panic(void **state)
{
	struct run run = broken("RESTORE:panic");

	assert_non_null(strstr(run_text(&run, "reason"), "Kernel panic"));
	assert_non_null(run_text(&run, "console_tail"));
	run_clear(&run);
}

static void test_kill(void **state)
{
	struct run run = broken("PRESERVE:kill");

	assert_false(json_is_true(json_object_get(run.result, "rolled_back")));
	run_clear(&run);
}

static struct run refused(const char *options, const char *phase, const char *words)
{
	struct run run = run_lubench(options);

	assert_int_equal(run.status, 1);
	assert_string_equal(run_text(&run, "outcome"), "refused");
	if (strcmp(run_text(&run, "phase"), phase) || !strstr(run_text(&run, "reason"), words))
		fail_msg("%s: in %s: %s", options, run_text(&run, "phase"),
			 run_text(&run, "reason"));
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	return run;
}

/* What can be known before the freeze: no client waits longer than CRIU takes for its own refusal. */
static void test_refused(void **state)
{
	struct run early = refused("--strategy=kexec --param undumpable=on", "PREPARE",
				   "descriptor 3, anon_inode:[pidfd]");
	struct run late = {0};

	if (!left_to_full("what CRIU's own refusal costs")) {
		late = refused("--strategy=kexec --param undumpable=on --param preflight=off",
			       "PRESERVE", "Error (criu/");
		assert_true(run_metric(&early, "blackout_ns") <
			    run_metric(&late, "blackout_ns") / 2);
		run_clear(&late);
	}
	run_clear(&early);
}

static void test_full_store(void **state)
{
	struct run run;

	if (left_to_full("a store that is too small"))
		return;
	run = refused("--strategy=kexec --param state_mb=64 --param store_mb=80", "PREPARE",
		      "store_mb=");
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_switch), cmocka_unit_test(test_from_switch_on),
		cmocka_unit_test(test_panic),	      cmocka_unit_test(test_kill),
		cmocka_unit_test(test_refused),	      cmocka_unit_test(test_full_store),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
