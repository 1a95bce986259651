/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's poll loop. */
#include "agent/loop.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct watch {
	int fd;
	loop_fn fn;
	void *data;
};

struct timer {
	unsigned id;
	int64_t t_ns;
	loop_fn fn;
	void *data;
};

static struct watch watches[LOOP_MAX];
static unsigned watch_count;
static struct timer timers[LOOP_MAX];
static unsigned timer_count, timer_last;

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void loop_watch(int fd, loop_fn fn, void *data)
{
	if (watch_count == LOOP_MAX)
		abort();
	watches[watch_count++] = (struct watch){fd, fn, data};
}

void loop_unwatch(int fd)
{
	for (unsigned i = 0; i < watch_count; i++) {
		if (watches[i].fd == fd) {
			watches[i] = watches[--watch_count];
			return;
		}
	}
}

unsigned loop_at(int64_t t_ns, loop_fn fn, void *data)
{
	if (timer_count == LOOP_MAX)
		abort();
	if (!++timer_last)
		timer_last = 1;
	timers[timer_count++] = (struct timer){timer_last, t_ns, fn, data};
	return timer_last;
}

void loop_cancel(unsigned timer)
{
	for (unsigned i = 0; i < timer_count; i++) {
		if (timers[i].id == timer) {
			timers[i] = timers[--timer_count];
			return;
		}
	}
}

static void fire_timers(void)
{
	for (unsigned i = 0; i < timer_count;) {
		struct timer due = timers[i];

		if (due.t_ns > now_ns()) {
			i++;
			continue;
		}
		timers[i] = timers[--timer_count];
		due.fn(due.data);
		i = 0;
	}
}

/* Time until the next timer, NULL when there is none. */
static struct timespec *next_timeout(struct timespec *ts)
{
	int64_t first = INT64_MAX, left;

	for (unsigned i = 0; i < timer_count; i++)
		if (timers[i].t_ns < first)
			first = timers[i].t_ns;
	if (first == INT64_MAX)
		return NULL;
	left = first - now_ns();
	if (left < 0)
		left = 0;
	*ts = (struct timespec){left / 1000000000, left % 1000000000};
	return ts;
}

/* A callback may remove any watch, so each is looked up again before it is called. */
static void dispatch(const struct pollfd *ready)
{
	for (unsigned i = 0; i < watch_count; i++) {
		if (watches[i].fd == ready->fd) {
			watches[i].fn(watches[i].data);
			return;
		}
	}
}

void loop_run(void)
{
	for (;;) {
		struct pollfd fds[LOOP_MAX];
		struct timespec ts;
		unsigned n = watch_count;

		for (unsigned i = 0; i < n; i++)
			fds[i] = (struct pollfd){.fd = watches[i].fd, .events = POLLIN};
		if (ppoll(fds, n, next_timeout(&ts), NULL) > 0)
			for (unsigned i = 0; i < n; i++)
				if (fds[i].revents)
					dispatch(&fds[i]);
		fire_timers();
	}
}
