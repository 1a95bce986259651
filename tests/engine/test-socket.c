/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a connection does not take at once is sent later, and nothing twice. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/socket.h"

#define MUCH (4 << 20)

static int ends[2];

static int open_pair(void **state)
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
}

static int close_pair(void **state)
{
	close(ends[0]);
	return ends[1] < 0 ? 0 : close(ends[1]);
}

static GByteArray *much(void)
{
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_set_size(bytes, MUCH);
	for (guint i = 0; i < MUCH; i++)
		bytes->data[i] = (guint8)(i * 2654435761U >> 24);
	return bytes;
}

static void take(GByteArray *to)
{
	guint8 buffer[65536];
	ssize_t n;

	while ((n = recv(ends[1], buffer, sizeof(buffer), 0)) > 0)
		g_byte_array_append(to, buffer, (guint)n);
}

static void test_in_parts(void **state)
{
	g_autoptr(GByteArray) out = much(), was = much(), came = g_byte_array_new();
	unsigned calls = 0;

	for (; out->len > 0; calls++) {
		assert_true(lu_socket_send(ends[0], out));
		take(came);
		assert_int_equal(out->len + came->len, MUCH);
	}
	assert_true(calls > 1);
	assert_memory_equal(came->data, was->data, MUCH);
}

static void test_lost(void **state)
{
	g_autoptr(GByteArray) out = much();

	close(ends[1]);
	ends[1] = -1;
	assert_false(lu_socket_send(ends[0], out));
	assert_int_equal(errno, EPIPE);
	assert_int_equal(out->len, MUCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_parts, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(test_lost, open_pair, close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
