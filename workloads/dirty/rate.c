/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/dirty/rate.h"
#include <glib.h>
#include "workloads/dirty/memory.h"

#define SECOND_NS G_GINT64_CONSTANT(1000000000)
#define WINDOW_NS SECOND_NS /* running time over which minimum and maximum are taken */
#define MEGABYTE  1e6

void dirty_rate_begin(struct rate *rate, const struct beat *beat)
{
	rate->first = rate->last = rate->begin = *beat;
}

/* A window is closed by the first beat at least a window's length after its beginning. */
void dirty_rate_follow(struct rate *rate, const struct beat *beat)
{
	int64_t ns = beat->active_ns - rate->begin.active_ns;
	double bytes = (double)(beat->writes - rate->begin.writes) * LU_DIRTY_BLOCK;

	rate->last = *beat;
	if (ns < WINDOW_NS)
		return;
	bytes = bytes / (double)ns * (double)SECOND_NS;
	rate->min = rate->windows ? MIN(rate->min, bytes) : bytes;
	rate->max = MAX(rate->max, bytes);
	rate->windows++;
	rate->begin = *beat;
}

void dirty_rate_end_epoch(struct rate *rate)
{
	rate->bytes += (rate->last.writes - rate->first.writes) * LU_DIRTY_BLOCK;
	rate->active_ns += rate->last.active_ns - rate->first.active_ns;
	rate->first = rate->last;
}

json_t *dirty_rate_report(const struct rate *rate, int64_t asked_mb_per_s)
{
	struct rate all = *rate;
	double mean;

	dirty_rate_end_epoch(&all);
	mean = all.active_ns > 0 ? (double)all.bytes / ((double)all.active_ns / (double)SECOND_NS)
				 : 0;
	return json_pack("{s:I, s:f, s:f, s:f, s:I, s:I}", "asked_mb_per_s",
			 (json_int_t)asked_mb_per_s, "achieved_mb_per_s", mean / MEGABYTE,
			 "achieved_min_mb_per_s", all.min / MEGABYTE, "achieved_max_mb_per_s",
			 all.max / MEGABYTE, "written_bytes", (json_int_t)all.bytes, "running_ns",
			 (json_int_t)all.active_ns);
}
