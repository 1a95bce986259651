/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A semaphore is known by what it gives, and has its count afterwards. */
#include "tests/kit/cmocka-all.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "agent/preflight/eventfd.h"
#include "agent/preflight/rules.h"

static uint64_t count_of(int fd)
{
	struct preflight_process self = {.pid = getpid()};
	struct preflight_file file = {.process = &self, .fd = fd, .copy = -1};
	uint64_t count = 99;

	assert_true(preflight_info(&file, "eventfd-count", 16, &count));
	return count;
}

static void try(uint64_t count, int flags)
{
	int fd = eventfd(0, flags);

	assert_true(fd >= 0);
	if (count)
		assert_int_equal(write(fd, &count, sizeof(count)), sizeof(count));
	assert_int_equal(eventfd_gives_one(fd, count), flags & EFD_SEMAPHORE ? 1 : 0);
	assert_true(count_of(fd) == count);
	close(fd);
}

static void test_counts(void **state)
{
	static const uint64_t counts[] = {0, 1, 2, 5, UINT64_C(0x123456789abc), UINT64_MAX - 1};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		try(counts[i], 0);
		try(counts[i], EFD_SEMAPHORE);
		try(counts[i], EFD_NONBLOCK);
		try(counts[i], EFD_SEMAPHORE | EFD_NONBLOCK);
	}
	assert_false(eventfd_gives_one(-1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
