/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limiter of a given speed: nothing is lost or changed, and nothing is faster than it. */
#include "tests/kit/cmocka-all.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "qemu/migration/rate-limiter.h"
#include "host/wait.h"

#define BYTES_S 20000000
#define SIZE	4000000

struct end {
	int fd;
	uint8_t *data;
};

static gpointer send_all(gpointer data)
{
	const struct end *end = data;
	size_t sent = 0;
	ssize_t n;

	while (sent < SIZE && (n = write(end->fd, end->data + sent, SIZE - sent)) > 0)
		sent += (size_t)n;
	shutdown(end->fd, SHUT_WR);
	return GSIZE_TO_POINTER(sent);
}

static size_t read_all(int fd, uint8_t *into)
{
	size_t got = 0;
	ssize_t n;

	while (got < SIZE && (n = read(fd, into + got, SIZE - got)) > 0)
		got += (size_t)n;
	return got;
}

static void fill(uint8_t *data)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)g_rand_int(random);
}

/* Seconds that it took from ends[from] to the other. */
static double carry(int ends[2], int from)
{
	g_autofree uint8_t *out = g_malloc(SIZE), *in = g_malloc(SIZE);
	struct end end = {ends[from], out};
	int64_t begin_ns = lu_monotonic_ns();

	fill(out);
	GThread *thread = g_thread_new("sender", send_all, &end);

	assert_int_equal(read_all(ends[!from], in), SIZE);
	double seconds = (double)(lu_monotonic_ns() - begin_ns) / 1e9;

	assert_int_equal(GPOINTER_TO_SIZE(g_thread_join(thread)), SIZE);
	assert_memory_equal(in, out, SIZE);
	assert_int_equal(read(ends[!from], in, 1), 0); /* the end arrives, too */
	return seconds;
}

static void close_both(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* Seconds that a fresh limiter takes for a load each way. */
static void carry_both(double seconds[2])
{
	g_autoptr(GError) error = NULL;
	int ends[2];
	struct lu_rate_limiter *limiter = lu_rate_limiter_new(BYTES_S, ends, &error);

	assert_non_null(limiter);
	seconds[0] = carry(ends, 0);
	seconds[1] = carry(ends, 1);
	close_both(ends);
	lu_rate_limiter_free(limiter);
}

/* 0.2 s; what the two sockets hold may be missing, and a late thread makes up for 10 ms. The other
 * way is free: other work on the host can only make that longer, so the least of several counts. */
static void test_speed(void **state)
{
	double seconds[2], least = G_MAXDOUBLE;

	for (int i = 0; i < 20 && least >= 0.17; i++) {
		carry_both(seconds);
		assert_true(seconds[0] > 0.17);
		least = MIN(least, seconds[1]);
	}
	assert_true(least < 0.17);
}

/* Cut while it is full. */
static void test_cut(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree uint8_t *data = g_malloc0(SIZE);
	int ends[2];
	struct lu_rate_limiter *limiter = lu_rate_limiter_new(1000, ends, &error);
	struct end end = {ends[0], data};

	assert_non_null(limiter);
	GThread *thread = g_thread_new("sender", send_all, &end);

	assert_int_equal(read(ends[1], data, 1), 1);
	lu_rate_limiter_free(limiter);
	assert_true(GPOINTER_TO_SIZE(g_thread_join(thread)) < SIZE);
	close_both(ends);
	lu_rate_limiter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_cut),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("guest-limiter", tests, NULL, NULL);
}
