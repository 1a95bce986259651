/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CLOCK_MONOTONIC for the threads that touch the real world; all else asks guest->ops->now. */
#pragma once
#include <stdint.h>
#include <time.h>

#define LU_MS	  INT64_C(1000000)
#define LU_SECOND INT64_C(1000000000)

static inline int64_t lu_clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * LU_SECOND + ts.tv_nsec;
}

/* For ppoll; the longest wait is a day, so that "never" is a valid time. */
static inline struct timespec lu_clock_timespec(int64_t ns)
{
	if (ns > 86400 * LU_SECOND)
		ns = 86400 * LU_SECOND;
	return (struct timespec){.tv_sec = ns / LU_SECOND, .tv_nsec = ns % LU_SECOND};
}
