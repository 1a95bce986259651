/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Was the baseline steady? */
#pragma once
#include <stdbool.h>
#include "record/samples.h"

/* The baseline is cut into as many blocks of the same length, half of them in each half. */
#define LU_DRIFT_BLOCKS 10
/* Fewer requests than this in a block do not give a median. */
#define LU_DRIFT_BLOCK_REQUESTS 10
/* Halves differ by effect when one is more than this factor of the other. */
#define LU_DRIFT_LATENCY_FACTOR 1.5
#define LU_DRIFT_GOODPUT_FACTOR (1 / 0.9)

struct lu_drift {
	bool known; /* there were requests enough */
	bool latency, goodput;
	/* medians over the blocks of each half */
	int64_t latency_ns[2];
	double goodput_hz[2];
};

/*
 * A half differs from the other when each of its blocks lies above each of the other's (of 252 ways
 * to deal ten blocks onto two halves, two do: p = 0.008 by Mann and Whitney's test) and the medians
 * over the blocks differ by the factor above; for latency also by at least least_ns, below which it
 * changes nothing that is measured. Blocks, not requests, because neighbours wait for the same
 * things.
 */
struct lu_drift lu_drift_find(const struct lu_samples *samples, int64_t least_ns);
