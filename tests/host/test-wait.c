/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wait for a time: what happens meanwhile is handled, even when there is no meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include <glib-unix.h>
#include "record/error.h"
#include "host/wait.h"

struct pipe {
	GMainContext *context;
	GSource *source;
	int fd[2];
	int taken; /* bytes */
};

static gboolean readable(int fd, GIOCondition condition, gpointer data)
{
	struct pipe *pipe = data;
	char byte;

	pipe->taken += read(fd, &byte, 1) == 1;
	return G_SOURCE_CONTINUE;
}

static int open_pipe(void **state)
{
	struct pipe *p = g_new0(struct pipe, 1);

	assert_int_equal(pipe(p->fd), 0);
	p->context = g_main_context_new();
	p->source = g_unix_fd_source_new(p->fd[0], G_IO_IN);
	g_source_set_callback(p->source, G_SOURCE_FUNC(readable), p, NULL);
	g_source_attach(p->source, p->context);
	*state = p;
	return 0;
}

static int close_pipe(void **state)
{
	struct pipe *p = *state;

	g_source_destroy(p->source);
	g_source_unref(p->source);
	g_main_context_unref(p->context);
	close(p->fd[0]);
	close(p->fd[1]);
	g_free(p);
	return 0;
}

/* One read a wait, however often: a peer's socket is emptied by somebody who only looks in. */
static void test_no_time(void **state)
{
	struct pipe *p = *state;
	struct lu_waiter waiter = {.context = p->context};

	assert_int_equal(write(p->fd[1], "abc", 3), 3);
	for (int i = 1; i <= 3; i++) {
		assert_true(lu_wait_until(&waiter, lu_monotonic_ns(), NULL));
		assert_int_equal(p->taken, i);
	}
	assert_true(lu_wait_until(&waiter, 0, NULL));
	assert_int_equal(p->taken, 3);
}

static void test_some_time(void **state)
{
	struct pipe *p = *state;
	struct lu_waiter waiter = {.context = p->context};
	int64_t until_ns = lu_monotonic_ns() + 20 * LU_NS_PER_MS;

	assert_int_equal(write(p->fd[1], "abc", 3), 3);
	assert_true(lu_wait_until(&waiter, until_ns, NULL));
	assert_true(lu_monotonic_ns() >= until_ns);
	assert_int_equal(p->taken, 3);
}

static void test_cancelled(void **state)
{
	struct pipe *p = *state;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	struct lu_waiter waiter = {.context = p->context, .cancellable = cancellable};

	g_cancellable_cancel(cancellable);
	assert_false(lu_wait_until(&waiter, 0, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_time, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(test_some_time, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(test_cancelled, open_pipe, close_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
