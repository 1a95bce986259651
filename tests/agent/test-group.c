/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever belongs to a service is found and stopped: a job with a group of its own, a descendant
 * with a session of its own, an orphan. */
#include "tests/kit/cmocka-all.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/group.h"
#include "tests/agent/preflight/held.h"

static void wait_here(void)
{
	for (;;)
		pause();
}

/* Has said so by closing the pipe before it waits. */
static void child(void (*become)(void), int ready)
{
	if (fork())
		return;
	become();
	close(ready);
	wait_here();
}

static void own_group(void)
{
	setpgid(0, 0);
}

static void own_session(void)
{
	setsid();
}

static void orphan(void)
{
	if (fork())
		_exit(0);
}

static bool family(long data)
{
	int ready[2];
	char none;

	if (pipe(ready))
		return false;
	child(own_group, ready[1]);
	child(own_session, ready[1]);
	child(orphan, ready[1]);
	close(ready[1]);
	return read(ready[0], &none, 1) == 0 && wait(NULL) > 0;
}

static void wait_until(pid_t leader, bool (*holds)(pid_t leader))
{
	for (int i = 0; i < 60000 && !holds(leader); i++)
		usleep(1000);
	assert_true(holds(leader));
}

static void test_members(void **state)
{
	pid_t leader = held_start(family, 0);
	size_t n, descend = 0;
	struct group_member *members = group_members(leader, &n);

	assert_true(leader > 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		descend += members[i].descends;
	assert_int_equal(descend, 3);
	free(members);
	group_signal(leader, SIGSTOP, GROUP_STOPPED);
	wait_until(leader, group_is_stopped);
	assert_false(group_is_dead(leader));
	held_end(leader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_members)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
