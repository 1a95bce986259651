/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analytic model of pre-copy: how long it takes to migrate a machine's memory while it
 * is being written to. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A downtime limit that grows while the machine runs, for those that do not converge at the first. */
struct lu_precopy_ramp {
	int64_t step_ns;  /* added to the limit … 0: it stays as it is */
	int64_t every_ns; /* … each time that so much has passed, */
	int64_t most_ns;  /* up to this */
};

struct lu_precopy_config {
	double memory;	   /* V, bytes to be sent in the first round */
	double bandwidth;  /* R, bytes a second */
	double dirty_rate; /* D, bytes a second that are dirtied, each counted once a round */
	double set;	   /* W, bytes that can be dirtied at most; 0: all memory */
	/* downtime limit: the rest is sent with the machine paused once that takes no longer */
	int64_t limit_ns;
	struct lu_precopy_ramp ramp; /* of that limit, looked at between rounds */
	/* from here on the machine runs at the destination, which fetches the rest; 0: never */
	int64_t postcopy_ns;
	bool throttle; /* slow the machine down, as QEMU's auto-converge does */
	unsigned max_rounds;
	/*
	 * 0: a round sends all that it began with. Else as QEMU does: a round ends once what is
	 * left of it fits the limit, which is checked at this interval, and what is left becomes
	 * part of the next round.
	 */
	int64_t poll_ns;
};

struct lu_precopy {
	bool converged;	     /* false: max_rounds were not enough */
	bool postcopy;	     /* it was switched to post-copy; rest is fetched after that */
	int64_t limit_ns;    /* the downtime limit in the end */
	unsigned rounds;     /* passes over memory while the machine runs */
	double sent;	     /* bytes sent in these */
	int64_t copy_ns;     /* time these took */
	double rest;	     /* bytes left for the end */
	int64_t downtime_ns; /* time to send them with the machine paused */
	double throttle;     /* share of its time for which the machine is throttled in the end */
};

/*
 * Round n sends what the previous one left dirty: V_0 = V, V_n+1 = min(W, D * V_n / R), so
 * without a bound V_n = V * (D/R)^n. It ends when V_n / R is within the limit; with D >= R it
 * never ends by itself.
 *
 * With poll_ns a round leaves L, the limit less what is sent on average in half a polling interval:
 * it sends X_n = V_n - L, and V_n+1 = min(max(W, L), L + D * X_n / R). It ends when that is within
 * the limit, so that the downtime is close to the limit however little is written.
 * A ramp does not change what a round leaves.
 */
struct lu_precopy lu_precopy_model(const struct lu_precopy_config *config);
/* The limit once elapsed_ns have passed since the first round began. */
int64_t lu_precopy_limit(int64_t limit_ns, const struct lu_precopy_ramp *ramp, int64_t elapsed_ns);
