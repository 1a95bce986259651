/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of connections that were opened all through the run (events client/churn). A
 * connection waits from its intended time until the service's kernel accepts it, or, if that never
 * does, until its end.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

/* Of connections that ended in a window. */
struct lu_connects {
	int64_t attempted; /* all; those for which this host had no socket are not among them */
	int64_t answered, wrong, refused, reset, timeout, unfinished;
	int64_t host; /* not attempted */
	int64_t late; /* of all that were accepted: after more than floor_ns */
	/* waits until they were accepted, or ended; nearest rank; 0 without any */
	int64_t p50_ns, p90_ns, p99_ns, max_ns;
};

struct lu_connect_record {
	bool any; /* the run had such connections */
	/* max(1.5 × the longest wait in the baseline, 4 × the median of it): what is longer stands out
	 * from this run's noise */
	int64_t floor_ns;
	struct lu_connects baseline, upgrade; /* until the trigger, and from it on */
};

struct lu_connect_record lu_connects_find(const struct lu_timeline *timeline);
/* {"floor_ns", "baseline": WINDOW, "upgrade": WINDOW}, a WINDOW having the members of struct
 * lu_connects; null when there were none. New reference. */
json_t *lu_connects_to_json(const struct lu_timeline *timeline);
