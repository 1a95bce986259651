/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where one more value of a sample is to be expected. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Fewer values say next to nothing about how they scatter. */
#define LU_PREDICTION_LEAST 3

/*
 * The interval in which one more value lies with that probability (below 1), when the logarithms of
 * values scatter normally: the mean ± t · s · √(1 + 1/n) of the logarithms (G. J. Hahn and W. Q.
 * Meeker, Statistical Intervals, 1991, section 4.7). n values, all above 0. false, and nothing is set: fewer than
 * LU_PREDICTION_LEAST, or one is not above 0.
 */
bool lu_prediction_interval(const double *values, size_t n, double probability, double *low,
			    double *high);
