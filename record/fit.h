/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A straight line through points (least squares, GSL). */
#pragma once
#include <stddef.h>

struct lu_fit {
	double offset, slope;
	double r2; /* share of the variance that the line explains; 1 when there is none */
	/* half of the slope's 95 % interval (Student's t); infinite for two points */
	double slope_within;
};

/* n of at least 2, with at least two different x. */
struct lu_fit lu_fit_line(const double *x, const double *y, size_t n);
