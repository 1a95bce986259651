/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for an event on a guest's own main context: until done, deadline, something broke, or the
 * run was cancelled. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"

/* Who waits, and what may end any wait early. */
struct lu_waiter {
	GMainContext *context;
	GCancellable *cancellable; /* may be NULL: LU_ERROR_INTERRUPTED when it is cancelled */
	/* Optional: false, with the error, once nothing awaited can come any
	 * more (the guest died). */
	bool (*intact)(void *data, GError **error);
	void *data;
};

/*
 * Iterate the context until done(data) is true. deadline_ns is absolute, to the nanosecond (a
 * timerfd: GLib's own timeouts round up to a millisecond). Errors: what intact() says, INTERRUPTED,
 * or TIMEOUT "no WHAT within N ms".
 */
bool lu_wait_for(const struct lu_waiter *waiter, bool (*done)(void *data), void *data,
		 int64_t deadline_ns, const char *what, GError **error);
/* Let time pass; only intact() and the cancellable end it early. What is ready is dispatched, even
 * when the time is already over. */
bool lu_wait_until(const struct lu_waiter *waiter, int64_t t_ns, GError **error);
/* Dispatch whatever is ready now, without blocking. */
void lu_wait_drain(GMainContext *context);
