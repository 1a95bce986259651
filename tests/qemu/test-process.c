/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child gets what it was given and nothing else, and no way of ending us leaves it behind. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/vm/process.h"
#include "host/wait.h"
#include "tests/kit/guard.h"

static struct lu_process *shell(const char *script, const int *keep, size_t n)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	GError *error = NULL;
	struct lu_process *process = lu_process_spawn(argv, keep, n, &error);

	assert_null(error);
	return process;
}

static void test_last_words(void **state)
{
	struct lu_process *process = shell("echo out; echo wrong >&2; exit 3", NULL, 0);
	g_autofree char *words = NULL;

	assert_true(lu_process_wait(process, GUARD_NS));
	words = lu_process_last_words(process);
	assert_string_equal(words, "exit status 3: out wrong");
	lu_process_free(process);
}

static void test_missing(void **state)
{
	const char *argv[] = {"no-such-program-here", NULL};
	GError *error = NULL;

	assert_null(lu_process_spawn(argv, NULL, 0, &error));
	assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
	g_clear_error(&error);
}

/* Only the descriptors that were named come over, under their own numbers; 3 is the
 * folder that ls reads. */
static void test_descriptors(void **state)
{
	int kept = fcntl(open("/dev/null", O_RDONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, 40);
	int leaked = fcntl(open("/dev/null", O_RDONLY), F_DUPFD, 50);
	struct lu_process *process = shell("exec ls /proc/self/fd", &kept, 1);
	g_autofree char *words = NULL;

	assert_true(lu_process_wait(process, GUARD_NS));
	words = lu_process_last_words(process);
	assert_string_equal(words, "exit status 0: 0 1 2 3 40");
	lu_process_free(process);
	close(leaked);
}

/* A flood of complaints takes 64 kB of ours and no more. */
static void test_flood(void **state)
{
	struct lu_process *process = shell("yes 2>/dev/null; echo unreached; exit 5", NULL, 0);

	assert_true(lu_process_wait(process, GUARD_NS));
	lu_process_free(process);
}

static bool gone(pid_t pid, int pidfd)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};

	return kill(pid, 0) < 0 || (pidfd >= 0 && poll(&ended, 1, GUARD_MS) == 1);
}

static void test_stubborn(void **state)
{
	struct lu_process *process =
		shell("trap '' TERM INT HUP; echo ready; while :; do sleep 100; done", NULL, 0);
	pid_t pid = lu_process_pid(process);

	assert_false(lu_process_wait(process, 50 * LU_NS_PER_MS));
	lu_process_free(process);
	assert_int_equal(kill(pid, 0), -1);
}

/* A harness that is killed takes its child with it. */
static void test_death_with_parent(void **state)
{
	int report[2], status;
	pid_t harness, pid = 0;

	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	harness = fork();
	if (!harness) {
		const char *argv[] = {"sleep", "100", NULL};
		struct lu_process *process = lu_process_spawn(argv, NULL, 0, NULL);

		pid = lu_process_pid(process);
		if (write(report[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(report[0], &pid, sizeof(pid)), sizeof(pid));
	int pidfd = pidfd_open(pid, 0);

	assert_int_equal(kill(pid, 0), 0);
	kill(harness, SIGKILL);
	assert_int_equal(waitpid(harness, &status, 0), harness);
	assert_true(gone(pid, pidfd));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words),  cmocka_unit_test(test_missing),
		cmocka_unit_test(test_descriptors), cmocka_unit_test(test_flood),
		cmocka_unit_test(test_stubborn),    cmocka_unit_test(test_death_with_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
