/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All interruptions of a run, not only the longest; private to the metrics. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "record/gaps.h"
#include "record/timeline.h"

/* As many are listed; all are counted. */
#define LU_INTERRUPTIONS_LISTED 64

struct lu_interruptions {
	int64_t count;
	int64_t sum_ns;	  /* each less the steady interval */
	int64_t first_ns; /* beginning of the first (absolute); -1: there is none */
	bool switched;	  /* the record has a phase SWITCH */
	/* the longest that touches the time from the first phase after PREPARE to the end of the
	 * last SWITCH; -1: there is none */
	int64_t switchover_ns;
};

/* above: struct lu_gap, the gaps above the floor, in order. */
struct lu_interruptions lu_interruptions_find(const struct lu_timeline *timeline,
					      const GArray *above, int64_t steady_ns);
/*
 * [{"begin_ns", "end_ns", "ns", "requests", "phases": [{"phase", "name"?, "step"?, "ns"}]}], the longest
 * LU_INTERRUPTIONS_LISTED in order of time. "phases" says how much of [begin, end] lies in each
 * step of the upgrade (of PREPARE and FINISH, with what they did then), or "before" its first, "between" two or "after" its last; that adds up to
 * end - begin, while "ns" is less by the steady interval. New reference.
 */
json_t *lu_interruptions_to_json(const struct lu_timeline *timeline, const GArray *above,
				 int64_t steady_ns);
