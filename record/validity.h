/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Did a run measure the upgrade, or the host and the client? Computed from its record like all
 * metrics. docs/reference/method.md has a paragraph on each criterion; the thresholds are here.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "record/metrics.h"
#include "record/timeline.h"

/* A floor above this share of the blackout: the blackout may be wrong by as much. */
#define LU_NOISE_SHARE 0.1
/* Noise set the floor when it is this factor of what the schedule of requests alone gives
 * (LU_FLOOR_INTERVALS intervals); below it the client's rate is what limits. */
#define LU_NOISE_FACTOR 2
/* One connection dark for this factor of the service's blackout: the blackout is no headline. */
#define LU_DARKER_FACTOR 10
/* The client's p99 lag may be an interval between requests, which is what a blackout is resolved to,
 * but a host's timers and scheduler cannot be asked for less than this. */
#define LU_LAG_LEAST_NS INT64_C(1000000)
/* Share of the time in which a thread of the run was ready and had no CPU: a step of the upgrade that
 * needs the CPU all the time took longer by as much. */
#define LU_WAIT_SHARE 0.1
/* Of the blackout, beyond the baseline's share: most of it is then the host's. */
#define LU_WAIT_SHARE_OF_BLACKOUT 0.5
/* PSI: of the time, some task of the host had no CPU. It counts all tasks, so it says less, and
 * judges alone only where the host does not tell what threads wait. */
#define LU_PRESSURE_SHARE 0.25
/* With that pressure, the host is full when the run and others together use more than this share of
 * its CPUs, and others half of that. A scheduler that favours threads which sleep often keeps the
 * run's own waits near LU_WAIT_SHARE even beside two busy loops a CPU, but what it then measures is
 * a shared host (results/2026-11-30-validity). */
#define LU_FULL_SHARE	0.9
#define LU_OTHERS_SHARE (LU_FULL_SHARE / 2)
/* Of all CPUs' time: the hypervisor's part. */
#define LU_STEAL_SHARE 0.05
/* A jump of the time of day; less is the adjustment of a clock. */
#define LU_STEP_NS INT64_C(10000000)

/*
 * {"verdict": "sound"|"suspect"|"unknown", "reasons": [{"key", "what", "advice", "metrics"?}], "not_checked":
 * [{"key", "why"}], "figures": {…}}. suspect: there are reasons. unknown: there are none, but no
 * upgrade began. what is a sentence with the figures that it rests on, advice what to do.
 * metrics: the reason makes only these suspect, and the run counts for all others.
 * not_checked names the criteria for which this record has no data. figures, null where unknown:
 *   asked_hz, answered_hz: of the baseline (record/saturation.h);
 *   send_lag_p50_ns, send_lag_p99_ns, send_lag_max_ns: record/send-lag.h;
 *   wait_share, pressure_share, steal_share, own_cpus, other_cpus: record/host-load.h, from the
 * baseline's beginning on.
 * simulated: the clock is virtual, so no host could disturb it and only saturation is looked for.
 * New reference.
 */
json_t *lu_validity_to_json(const struct lu_timeline *timeline, const struct lu_metrics *metrics,
			    bool simulated);
