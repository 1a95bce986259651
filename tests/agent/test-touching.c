/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that computes or waits for a page of a userfaultfd is at work; one that sleeps is not. */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/criu/touching.h"

#define GUARD_S 60

enum what { SLEEPS, COMPUTES, WAITS_FOR_A_PAGE, CANNOT };

static void wait_for_a_page(void)
{
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	struct uffdio_api api = {.api = UFFD_API};
	volatile char *page =
		mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {.range = {(unsigned long)page, 65536},
					.mode = UFFDIO_REGISTER_MODE_MISSING};

	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range))
		_exit(CANNOT);
	page[0] = 1;
}

static pid_t start(enum what what)
{
	volatile bool computes = what == COMPUTES;
	pid_t child = fork();

	if (child)
		return child;
	setsid();
	alarm(GUARD_S);
	if (what == WAITS_FOR_A_PAGE)
		wait_for_a_page();
	while (computes)
		;
	pause();
	_exit(0);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* It needs time to get there; false: it is not seen so. */
static bool becomes(pid_t child, bool at_work)
{
	for (int i = 0; i < GUARD_S * 100 && !waitpid(child, NULL, WNOHANG); i++) {
		if (service_touches(child) == at_work)
			return true;
		usleep(10000);
	}
	return false;
}

static void test_sleeps(void **state)
{
	pid_t child = start(SLEEPS);

	assert_true(becomes(child, false));
	end(child);
}

static void test_computes(void **state)
{
	pid_t child = start(COMPUTES);

	assert_true(becomes(child, true));
	usleep(50000);
	assert_true(service_touches(child));
	end(child);
}

/* Where userfaultfd(2) is not for everybody, or a function's name not told, nothing can be seen. */
static void test_waits_for_a_page(void **state)
{
	pid_t child = start(WAITS_FOR_A_PAGE);
	int status;

	usleep(50000);
	if (waitpid(child, &status, WNOHANG) == child) {
		assert_int_equal(WEXITSTATUS(status), CANNOT);
		skip();
	}
	usleep(50000);
	assert_true(becomes(child, true));
	end(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sleeps),
		cmocka_unit_test(test_computes),
		cmocka_unit_test(test_waits_for_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
