/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host disturbs a measurement by, without any guest. */
#pragma once
#include <jansson.h>
#include <stdint.h>

/* Shares are of time, -1: this host does not tell. */
struct lu_noise {
	int64_t ns; /* for how long it was measured */
	/* a timer of 5 ms, as the client has: how late it fired */
	int64_t timer_p50_ns, timer_p99_ns, timer_max_ns;
	/* a thread that never sleeps, as a vCPU does: its longest stop, and all of them */
	int64_t stop_max_ns;
	double stop_share;
	double pressure_share, steal_share;
	double other_cpus;	/* used by others; -1 */
	int64_t cpus, runnable; /* tasks of others that are ready now; -1 */
	char *governor;		/* of the CPUs' frequency; NULL: the host does not tell */
};

/* Takes about ns, in which it keeps one CPU busy. */
struct lu_noise lu_noise_measure(int64_t ns);
void lu_noise_clear(struct lu_noise *noise);
/* The noise floor that a run at this rate of requests may expect: as record/gaps.h sets it, when a gap
 * is an interval, a late timer and a stopped vCPU long. */
int64_t lu_noise_floor(const struct lu_noise *noise, double rate_hz);
/* The least blackout whose floor is LU_NOISE_SHARE of it or that of the schedule (record/validity.h):
 * a run that finds it is sound. */
int64_t lu_noise_resolves(const struct lu_noise *noise, double rate_hz);
/* Reasons for which a run would be suspect here, keys as record/validity.h has them; NULL: none is
 * expected. Caller frees. */
char *lu_noise_reasons(const struct lu_noise *noise, double rate_hz);
/* All of it, rates included; new reference. */
json_t *lu_noise_to_json(const struct lu_noise *noise);
void lu_noise_print(const struct lu_noise *noise);
