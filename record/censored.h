/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of values of which some are only known to be below a bound (left-censored). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Each value lies in [low, high]: both are the same for one that was measured. */
struct lu_censored {
	const double *low, *high;
	size_t n;
};

/* A statistic that is at most `value`; exactly that unless below is set. */
struct lu_bounded {
	double value;
	bool below;
};

/* No assumption is made of how values lie below their bounds: a statistic that is the same for the
 * least and the greatest that they can be is known, any other is below the greater one. */
struct lu_bounded lu_censored_quantile(const struct lu_censored *x, double q);
/* As lu_stats_median_ci, an end each. */
void lu_censored_median_ci(const struct lu_censored *x, double confidence, struct lu_bounded *low,
			   struct lu_bounded *high);
