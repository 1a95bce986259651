/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks that a process of the service sees (events guest/clock), against the harness's: what an
 * upgrade did to them, from the first reading to the last.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

/* Two computers' clocks run alike but for less than this. */
#define LU_CLOCK_RATE_PPM 1000

struct lu_service_clock {
	bool known; /* read twice at least; else all that follows is 0 */
	/* By how much less CLOCK_MONOTONIC and CLOCK_BOOTTIME advanced than the harness's clock: a
	 * timer that was set before, to a time on them, comes so late. Negative: early. */
	int64_t late_ns, boottime_late_ns;
	int64_t within_ns; /* how far each of them may be off */
	/* For how long the service was paused at most: a clock that falls behind by no more was not
	 * seen to go back. */
	int64_t paused_ns;
	/* By how much each went back at least, as a process saw it; 0: it did not. */
	int64_t back_ns, boottime_back_ns;
	bool realtime;		    /* the harness's time of day is known, too */
	int64_t realtime_error_ns;  /* of CLOCK_REALTIME, at the last reading */
	int64_t realtime_step_ns;   /* by how much the error has changed */
	bool own_before, own_after; /* the service is in a time namespace of its own */
};

/* The timeline is sorted. Of a run with several upgrades it is all together; none of them goes back
 * by more than back_ns. */
struct lu_service_clock lu_service_clock_find(const struct lu_timeline *timeline);
/* The members above but known and realtime; what the run does not tell is null, as is all of it when
 * not known. New reference. */
json_t *lu_service_clock_to_json(const struct lu_timeline *timeline);
