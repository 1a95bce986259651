/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/guest/pace.h"

#define NS_PER_S 1000000000

/* With nothing owed. */
static void begin_schedule(struct pace *pace, int64_t now_ns)
{
	pace->base_ns = now_ns;
	pace->base_done = pace->done;
}

void pace_begin(struct pace *pace, int64_t now_ns)
{
	pace->last_ns = now_ns;
	begin_schedule(pace, now_ns);
}

uint64_t pace_due(struct pace *pace, int64_t now_ns)
{
	int64_t passed = now_ns - pace->last_ns;
	unsigned __int128 bytes;

	pace->last_ns = now_ns;
	/* Another kernel's clock may be behind the one before. */
	if (passed < 0 || passed > PACE_STRETCH_NS)
		begin_schedule(pace, now_ns);
	else
		pace->active_ns += passed;
	bytes = (unsigned __int128)(now_ns - pace->base_ns) * pace->bytes_per_s;
	return pace->base_done + (uint64_t)(bytes / NS_PER_S / pace->piece_bytes);
}

bool pace_owes(struct pace *pace, uint64_t due, int64_t now_ns)
{
	if (pace->done >= due)
		return false;
	if ((due - pace->done) * pace->piece_bytes > pace->bytes_per_s / 2)
		begin_schedule(pace, now_ns);
	return true;
}
