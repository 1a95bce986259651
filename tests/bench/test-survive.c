/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench survive on the simulated guest: its runs are like all others, and its table is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

static void test_unknown(void **state)
{
	struct output output = lubench(*state, "survive", "epol", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "there is no probe epol (did you mean epoll?)"));
	output_clear(&output);
	output = lubench(*state, "survive", "--strategies=kexex", "epoll", NULL);
	assert_int_equal(output.status, 2);
	output_clear(&output);
	output = lubench(*state, "survive", "--format=tex", "epoll", NULL);
	assert_int_equal(output.status, 2);
	output_clear(&output);
}

/* Those that carry a process, and no others. */
static void test_strategies(void **state)
{
	struct output output =
		lubench(*state, "survive", "--guest=sim", "--dry-run", "epoll", NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "kexec"));
	assert_non_null(strstr(output.out, "migrate"));
	assert_null(strstr(output.out, "cold"));
	assert_null(strstr(output.out, "standby"));
	assert_null(strstr(output.out, "null"));
	output_clear(&output);
}

/* A saved sweep is shown again as it was, and what is spoilt does not survive. */
static void test_table(void **state)
{
	struct output live =
		lubench(*state, "survive", "--guest=sim", "-q", "-o", "all",
			"--strategies=kexec,failover", "--format=md", "epoll", "pipe-data", NULL);
	struct output read = lubench(*state, "survive", "--from=all", "--format=md", NULL);
	struct output spoilt =
		lubench(*state, "survive", "--guest=sim", "-q", "-o", "spoilt",
			"--strategies=kexec", "--spoil", "--format=csv", "epoll", NULL);

	assert_int_equal(live.status, 0);
	assert_string_equal(live.out, read.out);
	assert_non_null(strstr(live.out, "(`epoll`) | survived | survived |"));
	assert_int_equal(spoilt.status, 0);
	assert_non_null(strstr(spoilt.out, ",yes,lost-silently,"));
	output_clear(&live);
	output_clear(&read);
	output_clear(&spoilt);
}

static void test_resume(void **state)
{
	struct output output = lubench(*state, "survive", "--guest=sim", "-q", "-o", "some",
				       "--strategies=kexec", "epoll", NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	output = lubench(*state, "survive", "--guest=sim", "-q", "-o", "some", "--resume",
			 "--strategies=kexec,script", "epoll", NULL);
	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "script"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_strategies, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_table, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_resume, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
