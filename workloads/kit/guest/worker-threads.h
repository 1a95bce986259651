/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worker threads of a service, which work all the time and are paused while
 * it inspects everything. */
#pragma once

/* Start a thread that calls turn() for ever, with a pause after each call. Ends the process if the
 * thread cannot be started. */
void worker_thread_start(void (*turn)(void *data), void *data, long pace_us);
/* Returns once all threads are paused between two turns; they stay so until
 * worker_threads_resume(). */
void worker_threads_pause(void);
void worker_threads_resume(void);
