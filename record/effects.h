/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each of several switches saves, alone and among all others, from runs in which they were on
 * or off (model/design.h): a pure function. Savings are positive when the measured value falls.
 *
 * The mean saving of a switch is its coefficient in a linear model without interactions, by least
 * squares over those combinations whose mirror image was run as well (over all, where these do not
 * suffice): so no interaction of two is taken for a saving of one. Whether savings add up is a
 * matter of all combinations: how far they lie from such a model, against the scatter of runs of one
 * combination, and which pairs account for it (record/effects-pairs.h).
 *
 * Intervals are percentiles of a bootstrap that redraws that scatter (pooled over all combinations)
 * around each combination's mean, so it takes repeats. Those of pairs do not know that these were
 * chosen because they stood out.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Most pairs that are looked for. */
#define LU_EFFECTS_PAIRS 8

struct lu_effects_runs {
	size_t runs, factors;
	const bool *on; /* runs × factors */
	const double *y;
};

/* NAN: unknown; an interval of NANs: there are no repeats. */
struct lu_estimate {
	double value, low, high;
};

/* Two switches that save more together than the sum of each (negative: less). */
struct lu_effects_pair {
	size_t a, b;
	struct lu_estimate more;
};

/* How well a model fits the means of combinations. */
struct lu_effects_fit {
	double r2;
	/* How probable it is that the scatter of runs alone puts them so far from it; NAN: there are
	 * no repeats, or as many terms as combinations. */
	double lack_p;
};

struct lu_effects {
	size_t factors;
	struct lu_estimate none, all;  /* mean of the runs with no switch on, with all of them */
	struct lu_estimate difference; /* between the two */
	struct lu_estimate *mean;      /* saving of each, by the model */
	struct lu_estimate
		*alone; /* between none and runs with this one alone; NAN: there are none */
	struct lu_estimate mean_share, alone_share; /* of the difference that their sums explain */
	size_t n_pairs; /* those that do not add up, the one that explains most first */
	struct lu_effects_pair pairs[LU_EFFECTS_PAIRS];
	struct lu_estimate pairs_share;		    /* by the model with them */
	struct lu_effects_fit additive, with_pairs; /* the same when there are no pairs */
	double noise; /* standard deviation of runs of one combination; NAN: no repeats */
};

/* confidence below 1. NULL: no run with none of them on, or none with all, or the runs do not tell
 * their effects apart. */
struct lu_effects *lu_effects_new(const struct lu_effects_runs *runs, double confidence);
void lu_effects_free(struct lu_effects *effects);
