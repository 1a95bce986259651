/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where one more value of a sample is to be expected. */
#include "record/prediction.h"
#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

bool lu_prediction_interval(const double *values, size_t n, double probability, double *low,
			    double *high)
{
	g_autofree double *logs = g_new(double, n);

	if (n < LU_PREDICTION_LEAST)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!(values[i] > 0))
			return false;
		logs[i] = log(values[i]);
	}
	double mean = gsl_stats_mean(logs, 1, n), sd = gsl_stats_sd_m(logs, 1, n, mean);
	double t = gsl_cdf_tdist_Qinv((1 - probability) / 2, (double)(n - 1));
	double half = t * sd * sqrt(1 + 1 / (double)n);

	*low = exp(mean - half);
	*high = exp(mean + half);
	return true;
}
