/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench faults on the simulated guest: its runs are like all others, and its table is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

static void test_unknown(void **state)
{
	struct output output = lubench(*state, "faults", "store-flop", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(
		strstr(output.err, "there is no fault store-flop (did you mean store-flip?)"));
	output_clear(&output);
	output = lubench(*state, "faults", "--strategies=kexex", NULL);
	assert_int_equal(output.status, 2);
	output_clear(&output);
	output = lubench(*state, "faults", "--guest=sim", "--strategies=pause", "store-flip", NULL);
	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "none of these faults"));
	output_clear(&output);
}

/* What a safeguard is good for is seen without it, and a saved sweep is shown again as it was. */
static void test_table(void **state)
{
	struct output live =
		lubench(*state, "faults", "--guest=sim", "-q", "-o", "all", "--format=md",
			"--strategies=kexec,failover,script", "store-flip", "next-panics", NULL);
	struct output read = lubench(*state, "faults", "--from=all", "--format=md", NULL);
	struct output without =
		lubench(*state, "faults", "--guest=sim", "-q", "-o", "without", "--format=csv",
			"--strategies=kexec,script", "--param", "manifest=off", "store-flip", NULL);

	assert_int_equal(live.status, 0);
	assert_string_equal(live.out, read.out);
	assert_non_null(
		strstr(live.out, "| store-flip | PRESERVE | rolled back | told | UNNOTICED |"));
	assert_non_null(strstr(live.out, "| next-panics | PREPARE | rolled back | - | - |"));
	assert_non_null(strstr(live.out, "| next-panics | SWITCH | - | told | - |"));
	assert_non_null(strstr(live.out, "| failover | 1 | 0 | 2 | 0 | 0 | 0 |"));
	assert_non_null(strstr(live.out, "| kexec | 1 | 0 | 0 | 2 | 0 | 0 |"));
	assert_non_null(strstr(live.out, "| script | 2 | 0 | 0 | 0 | 0 | 1 |"));
	assert_int_equal(without.status, 0);
	assert_non_null(
		strstr(without.out, "store-flip,PRESERVE,\"kexec, no manifest\",unnoticed,"));
	assert_non_null(strstr(without.out, "store-flip,PRESERVE,script,unnoticed,"));
	output_clear(&live);
	output_clear(&read);
	output_clear(&without);
}

static void test_list(void **state)
{
	struct output output = lubench(*state, "list", "faults", NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "next-lacks-module"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_table, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_list, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
