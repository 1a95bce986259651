/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for a condition on a guest's own main context: until it holds, the deadline passes,
 * something broke, or the run is cancelled. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"

/* The context of a wait, and conditions that end any wait early. */
struct lu_waiter {
	GMainContext *context;
	GCancellable *cancellable; /* may be NULL: LU_ERROR_INTERRUPTED when it is cancelled */
	/* Optional: false, with the error, once no awaited
	 * event can come any more (the guest died). */
	bool (*intact)(void *data, GError **error);
	void *data;
};

/*
 * Iterate the context until done(data) is true. deadline_ns is absolute, to the nanosecond (a
 * timerfd: GLib's own timeouts round up to a millisecond). Errors: that of intact(), INTERRUPTED,
 * or TIMEOUT "no WHAT within N ms".
 */
bool lu_wait_for(const struct lu_waiter *waiter, bool (*done)(void *data), void *data,
		 int64_t deadline_ns, const char *what, GError **error);
/* Let time pass; only intact() and the cancellable end it early. Ready sources are dispatched even
 * when the time is already up. */
bool lu_wait_until(const struct lu_waiter *waiter, int64_t t_ns, GError **error);
/* Dispatch all sources that are ready, without blocking. */
void lu_wait_drain(GMainContext *context);
