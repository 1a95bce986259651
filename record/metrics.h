/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics: pure functions of a sorted timeline. docs/reference/method.md has a
 * paragraph on each. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

struct lu_metrics {
	/* 0 when the longest gap is below the noise floor, blackout_floor_ns */
	int64_t blackout_ns;
	/* arrival of the last correct reply before it (absolute; 0 if none) */
	int64_t blackout_begin_ns;
	int64_t blackout_end_ns; /* arrival of the first correct reply after it */
	/* the longest gap itself, before the noise floor is applied */
	int64_t longest_gap_ns;
	uint64_t blackout_requests; /* intended within the blackout */
	/* of the connection that was dark for longest; never less than blackout_ns */
	int64_t blackout_worst_connection_ns;
	/* noise floor of a single connection's blackout in this run */
	int64_t blackout_worst_connection_floor_ns;
	/* gaps above the floor, of which the blackout is the longest, and their sum */
	int64_t interruptions_count, interruptions_sum_ns;
	int64_t interruptions_bound_ns; /* what the sum cannot exceed: of gaps below the floor, too */
	/* the longest of them that touches FREEZE … SWITCH; -1: there is none */
	int64_t switchover_ns;
	bool switched;		    /* the upgrade came to its SWITCH */
	int64_t blackout_floor_ns;  /* this run's noise floor: shorter gaps are not resolved */
	int64_t steady_interval_ns; /* median gap between correct replies in the baseline */
	int64_t brownout_ns;
	int64_t ttr90_ns; /* -1: never */
	/* the same from the first interruption on, or from the first low window without one */
	int64_t recovery90_ns;
	int64_t prepare_ns, total_ns;
	/* trigger to the last reply ever given by the old version; -1 if none */
	int64_t activation_ns;
	int64_t baseline_p50_ns, baseline_p99_ns, baseline_max_ns; /* latency from intended time */
	/* of any request from the trigger on; a lost one counts until it was given up */
	int64_t max_latency_ns;
	/* waits of all requests that ended from the trigger on, to their end; -1 without any */
	int64_t p50_ns, p90_ns, p99_ns, p999_ns;
	/* passing connections that ended from the trigger on (record/connects.h); -1: there were
	 * none in this run */
	int64_t connects, connects_refused, connects_reset, connects_timeout, connects_late;
	int64_t connect_floor_ns, connect_p50_ns, connect_p99_ns, connect_max_ns;
	/* The service's clocks (record/service-clock.h): how late a timer comes that was set before to
	 * a time on CLOCK_MONOTONIC, at least 0; by how much that clock or CLOCK_BOOTTIME went back.
	 * -1: they were not read */
	int64_t timer_late_ns, clock_back_ns;
	double baseline_goodput_hz;
	uint64_t requests, replies_ok, replies_wrong, lost_timeout, lost_reset, lost_refused,
		lost_end;
	uint64_t connections_reset;
	int64_t extra_bytes_peak; /* guest + store + host files beyond the baseline's mean */
	double extra_byte_seconds;
	int64_t host_extra_bytes_peak;
};

/* The whole numbers among them, which results hold under these names; a new one is listed here. */
/* clang-format off */
#define LU_METRICS_INTEGERS(M) \
	M(blackout_ns) M(blackout_begin_ns) M(blackout_end_ns) M(blackout_floor_ns) \
	M(blackout_requests) M(blackout_worst_connection_ns) \
	M(blackout_worst_connection_floor_ns) M(longest_gap_ns) M(steady_interval_ns) \
	M(interruptions_count) M(interruptions_sum_ns) M(brownout_ns) M(ttr90_ns) \
	M(recovery90_ns) M(prepare_ns) M(total_ns) M(activation_ns) M(baseline_p50_ns) \
	M(baseline_p99_ns) M(baseline_max_ns) M(max_latency_ns) M(p50_ns) M(p90_ns) \
	M(p99_ns) M(p999_ns) M(requests) M(replies_ok) M(replies_wrong) M(lost_timeout) \
	M(lost_reset) M(lost_refused) M(lost_end) M(connections_reset) \
	M(extra_bytes_peak) M(host_extra_bytes_peak)
/* Those that a run may not have: -1 here, null in a result. */
#define LU_METRICS_OPTIONAL(M) \
	M(switchover_ns) M(connects) M(connects_refused) M(connects_reset) \
	M(connects_timeout) M(connects_late) M(connect_floor_ns) M(connect_p50_ns) \
	M(connect_p99_ns) M(connect_max_ns) M(timer_late_ns) M(clock_back_ns)
/* clang-format on */

struct lu_metrics lu_metrics_compute(const struct lu_timeline *timeline);
/*
 * Flat object, every name with its unit; null is what this run cannot tell. Plus
 *   "censored": {name: ns}, the times that are only known to be below that many ns, because no gap
 * stood out from the run's noise; by itself such a time reads 0 or null;
 *   "latency": waits in the baseline, the upgrade and the run (record/latency.h);
 *   "connect": passing connections in the baseline and the upgrade (record/connects.h);
 *   "cycles": each upgrade of a run that has several (record/cycle-figures.h);
 *   "clock": the clocks that the service sees (record/service-clock.h);
 *   "interruptions": all of them (record/interruptions.h);
 *   "phase_ns": {KIND: ns}, sums over the phases of a kind;
 *   "phase_load": [{"phase", "name", "ns", "replies", "goodput_hz", "p50_ns", "p99_ns",
 * "extra_bytes"}], each phase by itself (record/phase-load.h);
 *   "claims": {name: ns}, the mechanism's own figures, the last of each name;
 *   "notes": {name: text}, what it chose by itself and why;
 *   "breakdown": [{"phase", "name"?, "step"?, "since"?, "offset_ns", "ns", "claims"?: {name: ns}}], the
 * pieces of the blackout in order: their ns add up to blackout_end_ns - blackout_begin_ns exactly.
 * See record/breakdown.h;
 *   "work": of a service that works beside its requests (record/work.h).
 * Returns a new reference.
 */
json_t *lu_metrics_to_json(const struct lu_metrics *metrics, const struct lu_timeline *timeline);
