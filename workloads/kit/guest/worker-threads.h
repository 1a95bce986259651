/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads of a service that work all the time, and stand still when it wants
 * to look at everything. */
#pragma once

/* A thread that takes turns for ever, and waits some time after each. Ends the process when there
 * can be none. */
void worker_thread_start(void (*turn)(void *data), void *data, long pace_us);
/* Returns when all stand between two turns; they do until worker_threads_resume(). */
void worker_threads_pause(void);
void worker_threads_resume(void);
