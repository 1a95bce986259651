/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which trees of processes sleep: of tables, and of processes that are there. */
#include "tests/kit/cmocka-all.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/criu/sleepers.h"

/* 1 ── 2 ── 3, 4;  1 ── 5 ── 6 */
static const struct sleepers table = {
	{{1, 0, 10}, {2, 1, 20}, {3, 2, 30}, {4, 2, 40}, {5, 1, 50}, {6, 5, 60}}, 6};

static size_t trees(const struct sleepers *after, pid_t *tops, size_t *slept)
{
	return sleepers_trees(&table, after, tops, slept);
}

static void test_all_sleep(void **state)
{
	pid_t tops[SLEEPERS_MAX];
	size_t slept;

	assert_int_equal(trees(&table, tops, &slept), 1);
	assert_int_equal(tops[0], 1);
	assert_int_equal(slept, 6);
}

/* A tree is taken as a whole, so who has run wakes those above it, and only those. */
static void test_some_sleep(void **state)
{
	struct sleepers after = table;
	pid_t tops[SLEEPERS_MAX];
	size_t slept;

	after.v[2].ran_ns++; /* 3: wakes 2 and 1 */
	assert_int_equal(trees(&after, tops, &slept), 2);
	assert_int_equal(tops[0], 4);
	assert_int_equal(tops[1], 5);
	assert_int_equal(slept, 3);
}

/* What was not there before has run. */
static void test_new(void **state)
{
	struct sleepers after = table;
	pid_t tops[SLEEPERS_MAX];
	size_t slept;

	after.v[after.n++] = (struct sleeper){7, 6, 0};
	assert_int_equal(trees(&after, tops, &slept), 1);
	assert_int_equal(tops[0], 2);
	assert_int_equal(slept, 3);
}

static void test_circle(void **state)
{
	struct sleepers after = {{{1, 2, 1}, {2, 1, 1}}, 2};
	pid_t tops[SLEEPERS_MAX];
	size_t slept;

	assert_int_equal(sleepers_trees(&table, &after, tops, &slept), 0);
	assert_int_equal(slept, 0);
}

/* A process that waits for ever, in a session of its own. */
static void test_processes(void **state)
{
	struct sleepers before, after;
	pid_t tops[SLEEPERS_MAX], pid;
	size_t slept;
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		setsid();
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	sleepers_count(&before, pid);
	sleepers_count(&after, pid);
	assert_int_equal(before.n, 1);
	assert_int_equal(before.v[0].parent, getpid());
	after.v[0].ran_ns = before.v[0].ran_ns;
	assert_int_equal(sleepers_trees(&before, &after, tops, &slept), 1);
	assert_int_equal(tops[0], pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_sleep), cmocka_unit_test(test_some_sleep),
		cmocka_unit_test(test_new),	  cmocka_unit_test(test_circle),
		cmocka_unit_test(test_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
