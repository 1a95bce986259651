/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By which factor the values of b lie above those of a, by ranks (Hodges and Lehmann, Wilcoxon): no
 * assumption of how values scatter, and a few outliers move nothing. Values are times, sizes or
 * counts, 0 or more; a factor of two zeros is 1.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "record/censored.h"

struct lu_shift {
	double ratio;	  /* the factor; NAN when censored values leave it open */
	double low, high; /* its interval; 0 and INFINITY when there are too few values for one */
	double p;	  /* two-sided, of the rank test that the interval is of; NAN: no values */
	double spread;	  /* of the logarithms: as the standard deviation of normal ones (Shamos) */
	size_t n;	  /* of pairs; else the smaller side's */
	bool interval;	  /* there are enough values for an interval of that confidence */
};

/* Two samples of their own; confidence below 1. */
struct lu_shift lu_shift_of_samples(const struct lu_censored *a, const struct lu_censored *b,
				    double confidence);
/* Pairs: a[i] and b[i] ran next to each other. Both have the same number of values. */
struct lu_shift lu_shift_of_pairs(const struct lu_censored *a, const struct lu_censored *b,
				  double confidence);

/* How n runs a side (or pairs) of that spread are judged. */
struct lu_shift_design {
	double spread, confidence;
	double power; /* the probability to see what is to be seen, below 1 */
	bool paired;
};

/* The least factor whose interval lies above 1 with that power; INFINITY below the least n. */
double lu_shift_detectable(const struct lu_shift_design *design, size_t n);
/* The least n whose detectable factor is at most this one, above 1; 0: more than a million. */
size_t lu_shift_runs(const struct lu_shift_design *design, double factor);
/* The least p that two samples of so many can have: what tells them apart completely. */
double lu_shift_least_p(size_t na, size_t nb);
/* The least n with an interval at all. */
size_t lu_shift_least(double confidence, bool paired);
