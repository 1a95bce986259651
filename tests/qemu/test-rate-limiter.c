/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limiter of a given speed: nothing is lost or changed, and nothing is faster than it. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "qemu/migration/rate-limiter.h"
#include "tests/kit/guard.h"
#include "tests/kit/virtual-io.h"

#define BYTES_S 20000000
#define SIZE	4000000

struct end {
	const struct lu_io *io;
	int fd;
	uint8_t *data;
};

static void wait_for(const struct lu_io *io, int fd, short events)
{
	struct pollfd ready = {fd, events, 0};

	assert_int_equal(io->poll(io, &ready, 1, INT64_MAX), 1);
}

static gpointer send_all(gpointer data)
{
	const struct end *end = data;
	size_t sent = 0;

	while (sent < SIZE) {
		wait_for(end->io, end->fd, POLLOUT);
		ssize_t n = send(end->fd, end->data + sent, SIZE - sent, MSG_DONTWAIT);

		if (n < 0)
			break;
		sent += (size_t)n;
	}
	shutdown(end->fd, SHUT_WR);
	return GSIZE_TO_POINTER(sent);
}

/* Of `size` at most; less at the end of the stream. */
static size_t read_all(const struct end *end, size_t size)
{
	size_t got = 0;
	ssize_t n;

	do {
		wait_for(end->io, end->fd, POLLIN);
		n = read(end->fd, end->data + got, size - got);
		got += n > 0 ? (size_t)n : 0;
	} while (n > 0 && got < size);
	return got;
}

static void fill(uint8_t *data)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)g_rand_int(random);
}

/* How long it took from ends[from] to the other, ns. */
static int64_t carry(const struct lu_io *io, const int ends[2], int from)
{
	g_autofree uint8_t *out = g_malloc(SIZE), *in = g_malloc(SIZE);
	struct end source = {io, ends[from], out}, sink = {io, ends[!from], in};
	int64_t begin_ns = io->now(io), took_ns;

	fill(out);
	GThread *thread = io->thread(io, "sender", send_all, &source);

	assert_int_equal(read_all(&sink, SIZE), SIZE);
	took_ns = io->now(io) - begin_ns;
	assert_int_equal(GPOINTER_TO_SIZE(g_thread_join(thread)), SIZE);
	assert_memory_equal(in, out, SIZE);
	assert_int_equal(read_all(&sink, 1), 0); /* the end arrives, too */
	return took_ns;
}

static void close_both(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* 0.2 s, less the 10 ms that a late thread may make up for and what was read last; the other way
 * is free. */
static void test_speed(void **state)
{
	struct lu_io *io = virtual_io_new();
	int ends[2];
	struct lu_rate_limiter *limiter = lu_rate_limiter_new(io, BYTES_S, ends, NULL);

	assert_non_null(limiter);
	assert_in_range(carry(io, ends, 0), 188 * LU_NS_PER_MS, 190 * LU_NS_PER_MS);
	assert_int_equal(carry(io, ends, 1), 0);
	close_both(ends);
	lu_rate_limiter_free(limiter);
	virtual_io_free(io);
}

/* Cut while it is full. */
static void test_cut(void **state)
{
	struct lu_io *io = virtual_io_new();
	g_autofree uint8_t *data = g_malloc0(SIZE);
	int ends[2];
	struct lu_rate_limiter *limiter = lu_rate_limiter_new(io, 1000, ends, NULL);
	struct end source = {io, ends[0], data}, sink = {io, ends[1], data};

	assert_non_null(limiter);
	GThread *thread = io->thread(io, "sender", send_all, &source);

	assert_int_equal(read_all(&sink, 1), 1);
	lu_rate_limiter_free(limiter);
	assert_true(GPOINTER_TO_SIZE(g_thread_join(thread)) < SIZE);
	close_both(ends);
	lu_rate_limiter_free(NULL);
	virtual_io_free(io);
}

static int poll_fails(const struct lu_io *io, struct pollfd *fds, nfds_t count, int64_t until_ns)
{
	errno = EINVAL;
	return -1;
}

/* A migration that gets no further has to fail, not to stall. */
static void test_end_of_the_limiter(void **state)
{
	struct lu_io io = lu_io_host;
	int ends[2];

	io.poll = poll_fails;
	struct lu_rate_limiter *limiter = lu_rate_limiter_new(&io, BYTES_S, ends, NULL);

	assert_non_null(limiter);
	for (int i = 0; i < 2; i++) {
		struct pollfd end = {ends[i], POLLIN, 0};
		char byte;

		assert_int_equal(poll(&end, 1, GUARD_MS), 1);
		assert_int_equal(read(ends[i], &byte, 1), 0);
	}
	close_both(ends);
	lu_rate_limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_end_of_the_limiter),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
