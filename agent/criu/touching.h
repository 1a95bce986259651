/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a service whose memory comes later is at work, or waits for requests. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Does a thread of the service run, or wait for a page of a userfaultfd? From /proc/PID/task: the
 * state, and the kernel function in which it sleeps (wchan in proc_pid_wchan(5)). */
bool service_touches(pid_t leader);
