/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of switches by combination (record/effects.h): the mean of each, and how its runs scatter. */
#pragma once
#include <gsl/gsl_rng.h>
#include "record/effects.h"

struct lu_effects_cells {
	size_t factors, runs;
	size_t count;	 /* combinations, in the order of their first runs */
	const bool **on; /* by combination, borrowed from the runs */
	size_t *n;	 /* its runs */
	double *means;
	double noise; /* standard deviation of runs of one combination; NAN: no repeats */
	/* How far each repeated run lies from its combination's mean, scaled so that their variance
	 * is that of runs. */
	double *off;
	size_t n_off; /* 0: no repeats */
};

/* The runs must outlive it. */
struct lu_effects_cells *lu_effects_cells_new(const struct lu_effects_runs *runs);
void lu_effects_cells_free(struct lu_effects_cells *cells);
/* The combination in which all are on (most) or all off, but for factor `other` (SIZE_MAX: none),
 * which is the opposite; `count`: it was not run. */
size_t lu_effects_cells_find(const struct lu_effects_cells *cells, bool most, size_t other);
/* Whether the combination that is this one's opposite in every factor was run, too. */
bool lu_effects_cells_mirrored(const struct lu_effects_cells *cells, size_t i);
/* Means of as many runs, each combination's own with scatter drawn from all of them. There are
 * repeats. means: room for `count`. */
void lu_effects_cells_redraw(const struct lu_effects_cells *cells, gsl_rng *rng, double *means);
