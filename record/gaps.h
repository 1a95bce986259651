/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gaps between correct replies: the arithmetic of the blackout; private to the metrics. */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Any gap of as many steady intervals may be an accident of the schedule: the least floor. */
#define LU_FLOOR_INTERVALS 4

/* When requests were intended, and when correct replies arrived; all sorted. */
struct lu_gap_input {
	const GArray *arrivals; /* int64_t: correct replies */
	const GArray *intended; /* int64_t: requests */
	int64_t baseline_ns, trigger_ns, end_ns;
	int64_t steady_ns; /* 0: find it */
	GArray *above;	   /* struct lu_gap: gets the gaps above the floor, in order; may be NULL */
};

struct lu_gap {
	int64_t begin_ns, end_ns;
	uint64_t requests; /* intended inside it */
};

struct lu_gaps {
	int64_t steady_ns; /* median gap of the baseline; of the intended times when it has none */
	int64_t floor_ns; /* max(1.5 × the baseline's longest gap, LU_FLOOR_INTERVALS × steady) */
	int64_t sum_ns;	  /* of all gaps from the trigger on, each less steady; at least 0 */
	int64_t baseline_longest_ns; /* the baseline's longest gap */
	int64_t longest_ns;	     /* longest gap from the trigger on, less steady; at least 0 */
	int64_t begin_ns, end_ns;    /* that gap */
	uint64_t requests;	     /* intended inside it */
	/* end of the last gap above the floor; the trigger without one */
	int64_t last_above_end_ns;
};

/*
 * A gap lies between consecutive arrivals, from the last one before the trigger (the trigger when
 * there is none) to the record's end, and counts only when a request was intended inside it. Time
 * in which the client sent no request is not charged to the service: when the first request inside
 * comes more than two steady intervals after the beginning of the gap, the gap begins one steady
 * interval before that request.
 */
struct lu_gaps lu_gaps_find(const struct lu_gap_input *input);
/* Median of the differences of sorted times (int64_t); 0 with fewer than two. */
int64_t lu_median_step_ns(const GArray *sorted);
