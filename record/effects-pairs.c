/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forward selection, with the scatter of runs as the measure. */
#include "record/effects-pairs.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include "record/effects-model.h"

#define LEVEL 0.05

/* Of runs about their combinations' means. */
static double spare(const struct lu_effects_cells *cells)
{
	return (double)(cells->runs - cells->count);
}

/* Below the scatter of nothing everything is a difference, but for what arithmetic leaves. */
static double tail(const struct lu_effects_cells *cells, double squares, size_t freedom)
{
	double variance = cells->noise * cells->noise;

	if (isnan(variance) || variance <= 0 || !freedom)
		return NAN;
	return gsl_cdf_fdist_Q(squares / (double)freedom / variance, (double)freedom, spare(cells));
}

double lu_effects_lack(const struct lu_effects_cells *cells, double left, size_t terms)
{
	return tail(cells, left, cells->count > terms ? cells->count - terms : 0);
}

static double left_by(const struct lu_effects_cells *cells, const double *weights,
		      const struct lu_effects_pair *pairs, size_t n)
{
	struct lu_effects_model *model = lu_effects_model_new(cells, weights, pairs, n);
	double left = lu_effects_model_fit(model, cells->means);

	lu_effects_model_free(model);
	return left;
}

/* The pair that leaves least behind the first n, put behind them. What it leaves; NAN: there is
 * none. tried: how many there were. */
static double best(const struct lu_effects_cells *cells, const double *weights,
		   struct lu_effects_pair *pairs, size_t n, size_t *tried)
{
	struct lu_effects_pair least = {0};
	double left = NAN;

	*tried = 0;
	for (size_t a = 0; a < cells->factors; a++)
		for (size_t b = a + 1; b < cells->factors; b++) {
			pairs[n] = (struct lu_effects_pair){.a = a, .b = b};
			double one = left_by(cells, weights, pairs, n + 1);

			*tried += !isnan(one);
			if (isnan(one) || one >= left)
				continue;
			left = one;
			least = pairs[n];
		}
	pairs[n] = least;
	return left;
}

size_t lu_effects_find_pairs(const struct lu_effects_cells *cells, const double *weights,
			     struct lu_effects_pair *pairs)
{
	double left = left_by(cells, weights, pairs, 0);
	size_t n = 0, tried;

	while (n < LU_EFFECTS_PAIRS &&
	       lu_effects_lack(cells, left, cells->factors + n + 1) < LEVEL) {
		double less = best(cells, weights, pairs, n, &tried);

		if (!(tail(cells, left - less, 1) * (double)tried < LEVEL))
			break;
		left = less;
		n++;
	}
	return n;
}
