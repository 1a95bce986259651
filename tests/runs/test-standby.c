/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run with updates of the application: a version takes over from another on a real guest,
 * or leaves it unharmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static void check_kept(const char *options, const char *version)
{
	static const char *const oracles[] = {"version", "connections", "replies", "order",
					      "state"};
	struct run run = run_good(options);
	const char *evidence = json_string_value(json_object_get(
		json_object_get(json_object_get(run.result, "oracles"), "version"), "evidence"));

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s: %s", options, oracles[i], run_verdict(&run, oracles[i]));
	if (!g_str_has_prefix(evidence, version))
		fail_msg("%s: '%s' does not begin with '%s'", options, evidence, version);
	assert_int_equal(run_metric(&run, "connections_reset"), 0);
	assert_true(run_metric(&run, "activation_ns") > 0);
	run_clear(&run);
}

static void test_takes_over(void **state)
{
	check_kept("--strategy=standby", "application tick-2");
	if (left_to_full("back to the first version, rounds=0"))
		return;
	check_kept("--strategy=standby --param rounds=0 --set update.from=tick-2 "
		   "--set update.to=tick-1",
		   "application tick-1");
}

/* With all handed over but not taken, the old version goes on. */
static void test_rolled_back(void **state)
{
	struct run run = run_lubench("--strategy=standby --fault PRESERVE:error");

	assert_int_equal(run.status, 1);
	assert_string_equal(run_text(&run, "outcome"), "failed");
	assert_string_equal(run_text(&run, "phase"), "PRESERVE");
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	run_clear(&run);
}

static void test_restart(void **state)
{
	struct run run = run_good("--strategy=restart");

	assert_string_equal(run_verdict(&run, "version"), "pass");
	assert_string_equal(run_verdict(&run, "state"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "waived");
	assert_true(run_metric(&run, "connections_reset") > 0);
	run_clear(&run);
}

static void test_refused(void **state)
{
	struct run run;

	if (left_to_full("a service that supports no handover"))
		return;
	run = run_lubench("--strategy=standby --workload=redis");
	assert_int_equal(run.status, 1);
	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_non_null(strstr(run_text(&run, "reason"), "supports no handover"));
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_over),
		cmocka_unit_test(test_rolled_back),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_refused),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
