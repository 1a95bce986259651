/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a cancellation, so that a run cleans up and
 * ends without a result. */
#pragma once
#include <gio/gio.h>

/*
 * Watch from a thread of its own (the engine blocks the main one). The first signal cancels; a
 * second one, or a clean-up that takes longer than ten seconds, ends the process at once: the
 * guest's processes die with it. Handlers, not a blocked mask: children must not inherit deafness.
 * Called again, it watches for the new one instead; the thread stays until the process ends.
 */
void lu_signals_watch(GCancellable *cancellable);
/* The signal that came, 0 if none. */
int lu_signals_caught(void);
