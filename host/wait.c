/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One wait: a timerfd for the deadline, a source that wakes the context on cancellation, and the
 * caller's condition. */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <glib-unix.h>
#include "record/error.h"
#include "host/wait.h"

static gboolean keep(int fd, GIOCondition condition, gpointer data)
{
	return G_SOURCE_CONTINUE;
}

static gboolean cancelled(GCancellable *cancellable, gpointer data)
{
	return G_SOURCE_REMOVE;
}

/* A source that only wakes the context at that time; the loop checks the clock itself. */
static GSource *alarm_new(GMainContext *context, int64_t t_ns, int *fd)
{
	struct itimerspec when = {.it_value = {t_ns / LU_NS_PER_S, t_ns % LU_NS_PER_S}};
	GSource *source;

	if (t_ns <= 0)
		when.it_value = (struct timespec){0, 1};
	*fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (*fd < 0 || timerfd_settime(*fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		g_error("timerfd: %s", g_strerror(errno));
	source = g_unix_fd_source_new(*fd, G_IO_IN);
	g_source_set_callback(source, G_SOURCE_FUNC(keep), NULL, NULL);
	g_source_attach(source, context);
	return source;
}

static GSource *cancel_new(GMainContext *context, GCancellable *cancellable)
{
	GSource *source;

	if (!cancellable)
		return NULL;
	source = g_cancellable_source_new(cancellable);
	g_source_set_callback(source, G_SOURCE_FUNC(cancelled), NULL, NULL);
	g_source_attach(source, context);
	return source;
}

static void drop_source(GSource *source)
{
	if (!source)
		return;
	g_source_destroy(source);
	g_source_unref(source);
}

static bool may_go_on(const struct lu_waiter *waiter, GError **error)
{
	if (g_cancellable_is_cancelled(waiter->cancellable)) {
		g_set_error(error, LU_ERROR, LU_ERROR_INTERRUPTED, "interrupted");
		return false;
	}
	return !waiter->intact || waiter->intact(waiter->data, error);
}

/* 1: done, 0: deadline, -1: error set. done() is checked first, so that an answer counts although
 * the guest died right after it. */
static int iterate(const struct lu_waiter *waiter, bool (*done)(void *data), void *data,
		   int64_t deadline_ns, GError **error)
{
	for (;;) {
		if (done && done(data))
			return 1;
		if (!may_go_on(waiter, error))
			return -1;
		if (lu_monotonic_ns() >= deadline_ns)
			return 0;
		g_main_context_iteration(waiter->context, TRUE);
	}
}

static int wait_on(const struct lu_waiter *waiter, bool (*done)(void *data), void *data,
		   int64_t deadline_ns, GError **error)
{
	int fd, result;
	GSource *alarm = alarm_new(waiter->context, deadline_ns, &fd);
	GSource *cancel = cancel_new(waiter->context, waiter->cancellable);

	result = iterate(waiter, done, data, deadline_ns, error);
	drop_source(cancel);
	drop_source(alarm);
	close(fd);
	return result;
}

bool lu_wait_for(const struct lu_waiter *waiter, bool (*done)(void *data), void *data,
		 int64_t deadline_ns, const char *what, GError **error)
{
	int64_t begin_ns = lu_monotonic_ns();
	int result = wait_on(waiter, done, data, deadline_ns, error);

	if (result == 0)
		g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "no %s within %lld ms", what,
			    (long long)(MAX(deadline_ns - begin_ns, 0) / LU_NS_PER_MS));
	return result > 0;
}

/* A busy caller may ask for no time at all, again and again: ready sources are dispatched all the
 * same, or a guest's channel would fill up. */
bool lu_wait_until(const struct lu_waiter *waiter, int64_t t_ns, GError **error)
{
	g_main_context_iteration(waiter->context, FALSE);
	return wait_on(waiter, NULL, NULL, t_ns, error) == 0;
}

void lu_wait_drain(GMainContext *context)
{
	while (g_main_context_iteration(context, FALSE))
		;
}
