/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of left-censored values. */
#include "record/censored.h"
#include <string.h>
#include "record/stats.h"

static bool is_exact(const struct lu_censored *x)
{
	return x->n == 0 || memcmp(x->low, x->high, x->n * sizeof(*x->low)) == 0;
}

static struct lu_bounded between(double low, double high)
{
	return (struct lu_bounded){high, low < high};
}

struct lu_bounded lu_censored_quantile(const struct lu_censored *x, double q)
{
	return between(lu_stats_quantile(x->low, x->n, q), lu_stats_quantile(x->high, x->n, q));
}

void lu_censored_median_ci(const struct lu_censored *x, double confidence, struct lu_bounded *low,
			   struct lu_bounded *high)
{
	double most[2], least[2];

	lu_stats_median_ci(x->high, x->n, confidence, &most[0], &most[1]);
	memcpy(least, most, sizeof(least));
	if (!is_exact(x))
		lu_stats_median_ci(x->low, x->n, confidence, &least[0], &least[1]);
	*low = between(least[0], most[0]);
	*high = between(least[1], most[1]);
}
