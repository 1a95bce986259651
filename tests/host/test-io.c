/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's waits, where their end is as near as can be. */
#include "tests/kit/cmocka-all.h"
#include <unistd.h>
#include "host/io.h"

/* A deadline that passes between two looks at the clock is a wait of no time, not a wrong one. */
static void test_the_nearest_deadline(void **state)
{
	int pipe_fds[2];

	assert_int_equal(pipe(pipe_fds), 0);
	struct pollfd nothing = {pipe_fds[0], POLLIN, 0};

	for (int i = 0; i < 3000; i++) {
		int64_t until_ns = lu_io_host.now(&lu_io_host) + i % 300;

		if (lu_io_host.poll(&lu_io_host, &nothing, 1, until_ns))
			fail_msg("poll %d: %s", i, g_strerror(errno));
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* It has passed long ago, or never does. */
static void test_what_is_ready(void **state)
{
	static const int64_t ends[] = {INT64_MIN, -1, 0, INT64_MAX};
	int pipe_fds[2];

	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		struct pollfd one = {pipe_fds[0], POLLIN, 0};

		assert_int_equal(lu_io_host.poll(&lu_io_host, &one, 1, ends[i]), 1);
		assert_int_equal(one.revents, POLLIN);
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_nearest_deadline),
		cmocka_unit_test(test_what_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
