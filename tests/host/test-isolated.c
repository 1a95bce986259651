/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function tried in a child: its answer, its failures, and that it outlives nobody. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "host/isolated.h"
#include "tests/kit/guard.h"

enum { SOON_MS = 50, LONG_MS = 4 * GUARD_MS };

static int report[2];

static int forty_two(void)
{
	return 42;
}

static int crash(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int hang(void)
{
	for (;;)
		pause();
	return 0;
}

/* Holds the pipe's writing end until it ends. */
static int tell_and_hang(void)
{
	if (write(report[1], "x", 1) != 1)
		return 1;
	return hang();
}

static void test_ends(void **state)
{
	assert_int_equal(lu_isolated_call(forty_two, LONG_MS), 42);
	assert_int_equal(lu_isolated_call(crash, LONG_MS), LU_ISOLATED_FAILED);
	assert_int_equal(lu_isolated_call(hang, SOON_MS), LU_ISOLATED_FAILED);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A harness that is killed in the middle of a call takes it with it: the pipe has no writer. */
static void test_death_with_parent(void **state)
{
	struct pollfd closed;
	pid_t harness;
	char byte;

	assert_int_equal(pipe(report), 0);
	harness = fork();
	if (!harness)
		_exit(lu_isolated_call(tell_and_hang, LONG_MS) < 0);
	close(report[1]);
	assert_int_equal(read(report[0], &byte, 1), 1);
	kill(harness, SIGKILL);
	assert_int_equal(waitpid(harness, NULL, 0), harness);
	closed = (struct pollfd){.fd = report[0], .events = POLLIN};
	assert_int_equal(poll(&closed, 1, GUARD_MS), 1);
	assert_int_equal(read(report[0], &byte, 1), 0);
	close(report[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_death_with_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
