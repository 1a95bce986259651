/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of switches that do not add up (record/effects.h). */
#pragma once
#include "record/effects-cells.h"

/* How probable it is that combinations lie so far from a model (left: the sum of squares weighted by
 * their runs) by the scatter of runs alone: the F test for lack of fit. NAN: no repeats, or as many
 * terms as combinations. terms: with the constant. */
double lu_effects_lack(const struct lu_effects_cells *cells, double left, size_t terms);

/*
 * Pairs that explain what the switches by themselves do not, the one that explains most first. One
 * is added as long as the model lacks fit and the best of all others is more than chance among as
 * many would make it, both at the 5 % level. Room for LU_EFFECTS_PAIRS; returns how many. weights:
 * each combination's runs.
 */
size_t lu_effects_find_pairs(const struct lu_effects_cells *cells, const double *weights,
			     struct lu_effects_pair *pairs);
