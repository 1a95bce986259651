/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's clocks read together. */
#include "host/clocks.h"
#include <glib.h>
#include <time.h>

#define READINGS 3

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct lu_clocks read_once(void)
{
	int64_t before_ns = clock_ns(CLOCK_MONOTONIC), realtime_ns = clock_ns(CLOCK_REALTIME);
	int64_t boottime_ns = clock_ns(CLOCK_BOOTTIME), after_ns = clock_ns(CLOCK_MONOTONIC);

	return (struct lu_clocks){after_ns, realtime_ns - after_ns, boottime_ns - after_ns,
				  after_ns - before_ns};
}

struct lu_clocks lu_clocks_read(void)
{
	struct lu_clocks closest = read_once();

	for (int i = 1; i < READINGS; i++) {
		struct lu_clocks clocks = read_once();

		if (clocks.within_ns <= closest.within_ns)
			closest = clocks;
	}
	return closest;
}

int64_t lu_clocks_step(int64_t before_ns, int64_t now_ns, const struct lu_clocks *before,
		       const struct lu_clocks *now)
{
	int64_t step_ns = now_ns - before_ns;

	return ABS(step_ns) > before->within_ns + now->within_ns ? step_ns : 0;
}
