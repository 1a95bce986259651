/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a cancellation, so that a run cleans up and
 * ends without a result. */
#pragma once
#include <gio/gio.h>

/*
 * Watch signals on a thread of its own (the engine blocks the main thread). The
 * first signal cancels; a second one, or a clean-up that takes longer than ten
 * seconds, ends the process at once: the guest's processes die with it. By
 * handlers, not by a blocked mask, which children would inherit. Called again, it
 * cancels the new cancellable instead; the thread stays until the process ends.
 */
void lu_signals_watch(GCancellable *cancellable);
/* The signal that was received, 0: none. */
int lu_signals_caught(void);
