/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each of several switches saves, alone and among all others, from runs in which they were on
 * or off (model/design.h): a pure function. Savings are positive when the measured value falls.
 *
 * The mean saving of a switch is its coefficient in a linear model of all runs without interactions,
 * by least squares. Intervals are percentiles of a bootstrap that redraws the scatter of runs of one
 * combination (pooled over all combinations) around each combination's mean, so it takes repeats.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct lu_effects_runs {
	size_t runs, factors;
	const bool *on; /* runs × factors */
	const double *y;
};

/* NAN: unknown; an interval of NANs: there are no repeats. */
struct lu_estimate {
	double value, low, high;
};

struct lu_effects {
	size_t factors;
	struct lu_estimate none, all;  /* mean of the runs with no switch on, with all of them */
	struct lu_estimate difference; /* between the two */
	struct lu_estimate *mean;      /* saving of each, by the model */
	struct lu_estimate
		*alone; /* between none and runs with this one alone; NAN: there are none */
	struct lu_estimate mean_share, alone_share; /* of the difference that their sums explain */
	double r2;    /* of the model, over the means of combinations */
	double noise; /* standard deviation of runs of one combination; NAN: no repeats */
};

/* confidence below 1. NULL: no run with none of them on, or none with all, or the runs do not tell
 * their effects apart. */
struct lu_effects *lu_effects_new(const struct lu_effects_runs *runs, double confidence);
void lu_effects_free(struct lu_effects *effects);
