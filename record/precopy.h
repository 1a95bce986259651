/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analytic model of pre-copy: how long a machine's memory takes to move
 * while it is written to. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct lu_precopy_config {
	double memory;	   /* V, bytes to be sent in the first round */
	double bandwidth;  /* R, bytes a second */
	double dirty_rate; /* D, bytes a second that are dirtied, each counted once a round */
	double set;	   /* W, bytes that can be dirtied at most; 0: all memory */
	int64_t limit_ns;  /* the rest is moved at a standstill once it takes no longer */
	bool throttle;	   /* slow the machine down, as QEMU's auto-converge does */
	unsigned max_rounds;
	/*
	 * 0: a round sends all that it began with. Else as QEMU does: it ends once what is left of
	 * it fits the limit, which is seen every so often, and that rest is part of the next.
	 */
	int64_t look_ns;
};

struct lu_precopy {
	bool converged;	     /* else max_rounds were not enough */
	unsigned rounds;     /* while the machine runs */
	double sent;	     /* bytes in these */
	int64_t copy_ns;     /* that these took */
	double rest;	     /* bytes that are left */
	int64_t downtime_ns; /* moving these */
	double throttle; /* share of its time that the machine is kept from running in the end */
};

/*
 * Round n sends what the one before left dirty: V_0 = V, V_n+1 = min(W, D * V_n / R), so without a
 * bound V_n = V * (D/R)^n. It ends when V_n / R is within the limit; with D >= R never by itself.
 *
 * With look_ns a round leaves L, the limit less what half a look's time sends on the average: it
 * sends X_n = V_n - L, and V_n+1 = min(max(W, L), L + D * X_n / R). It ends when that is within the
 * limit, so that what is moved at a standstill is just about the limit, however little is written.
 */
struct lu_precopy lu_precopy_model(const struct lu_precopy_config *config);
