/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/fit.h"
#include <math.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

struct lu_fit lu_fit_line(const double *x, const double *y, size_t n)
{
	struct lu_fit fit;
	double cov00, cov01, cov11, residual, total = gsl_stats_tss(y, 1, n);

	gsl_fit_linear(x, 1, y, 1, n, &fit.offset, &fit.slope, &cov00, &cov01, &cov11, &residual);
	fit.r2 = total > 0 ? 1 - residual / total : 1;
	fit.slope_within =
		n > 2 ? gsl_cdf_tdist_Pinv(0.975, (double)n - 2) * sqrt(cov11) : INFINITY;
	return fit;
}
