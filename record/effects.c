/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/effects.h"
#include <glib.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>
#include "record/effects-cells.h"
#include "record/effects-model.h"
#include "record/effects-pairs.h"
#include "record/stats.h"

#define DRAWS 2000
#define SEED  1 /* the same runs always give the same intervals */

struct work {
	struct lu_effects_cells *cells;
	double *by_runs;  /* weights of combinations: their runs */
	double *mirrored; /* 1 or 0 */
	struct lu_effects_pair pairs[LU_EFFECTS_PAIRS];
	size_t n_pairs;
	struct lu_effects_model *mean, *additive, *with_pairs;
	size_t none, all; /* combinations */
};

/* One estimate of all figures: these, then mean and alone by factor, then pairs. */
enum { NONE, ALL, DIFFERENCE, MEAN_SHARE, ALONE_SHARE, PAIRS_SHARE, FIRST };

static size_t figures(const struct work *work)
{
	return FIRST + 2 * work->cells->factors + work->n_pairs;
}

static bool tells_apart(struct lu_effects_model *model, const double *means)
{
	return !isnan(lu_effects_model_fit(model, means));
}

/* Of the mirrored combinations, or of all. */
static void make_mean(struct work *work)
{
	const struct lu_effects_cells *cells = work->cells;

	work->mean = lu_effects_model_new(cells, work->mirrored, NULL, 0);
	if (tells_apart(work->mean, cells->means))
		return;
	lu_effects_model_free(work->mean);
	work->mean = lu_effects_model_new(cells, work->by_runs, NULL, 0);
}

static void work_init(struct work *work, const struct lu_effects_runs *runs)
{
	struct lu_effects_cells *cells = lu_effects_cells_new(runs);

	*work = (struct work){.cells = cells};
	work->by_runs = g_new(double, cells->count);
	work->mirrored = g_new(double, cells->count);
	for (size_t i = 0; i < cells->count; i++) {
		work->by_runs[i] = (double)cells->n[i];
		work->mirrored[i] = lu_effects_cells_mirrored(cells, i);
	}
	work->none = lu_effects_cells_find(cells, false, SIZE_MAX);
	work->all = lu_effects_cells_find(cells, true, SIZE_MAX);
	make_mean(work);
	work->additive = lu_effects_model_new(cells, work->by_runs, NULL, 0);
}

static void work_clear(struct work *work)
{
	lu_effects_model_free(work->mean);
	lu_effects_model_free(work->additive);
	if (work->with_pairs)
		lu_effects_model_free(work->with_pairs);
	lu_effects_cells_free(work->cells);
	g_free(work->by_runs);
	g_free(work->mirrored);
}

/* Are both ends there, and can the savings be told apart? */
static bool is_enough(const struct work *work)
{
	const struct lu_effects_cells *cells = work->cells;

	return work->none < cells->count && work->all < cells->count &&
	       tells_apart(work->mean, cells->means);
}

static double alone(const struct work *work, const double *means, size_t factor)
{
	size_t i = lu_effects_cells_find(work->cells, false, factor);

	return i < work->cells->count ? means[work->none] - means[i] : NAN;
}

static double sum_of(const struct lu_effects_model *model)
{
	double sum = 0;

	for (size_t i = 0; i < lu_effects_model_terms(model); i++)
		sum += lu_effects_model_saving(model, i);
	return sum;
}

static void estimate(const struct work *work, const double *means, double *out)
{
	size_t k = work->cells->factors;
	double sum_alone = 0;

	lu_effects_model_fit(work->mean, means);
	lu_effects_model_fit(work->with_pairs, means);
	out[NONE] = means[work->none];
	out[ALL] = means[work->all];
	out[DIFFERENCE] = out[NONE] - out[ALL];
	for (size_t f = 0; f < k; f++) {
		out[FIRST + f] = lu_effects_model_saving(work->mean, f);
		out[FIRST + k + f] = alone(work, means, f);
		sum_alone += out[FIRST + k + f];
	}
	for (size_t p = 0; p < work->n_pairs; p++)
		out[FIRST + 2 * k + p] = lu_effects_model_saving(work->with_pairs, k + p);
	out[MEAN_SHARE] = sum_of(work->mean) / out[DIFFERENCE];
	out[ALONE_SHARE] = sum_alone / out[DIFFERENCE];
	out[PAIRS_SHARE] = sum_of(work->with_pairs) / out[DIFFERENCE];
}

static void put(struct lu_estimate *to, const double *draws, double value, double confidence)
{
	if (isnan(value))
		draws = NULL;
	to->value = value;
	to->low = draws ? lu_stats_quantile(draws, DRAWS, (1 - confidence) / 2) : NAN;
	to->high = draws ? lu_stats_quantile(draws, DRAWS, (1 + confidence) / 2) : NAN;
}

/* The i-th figure's place. */
static struct lu_estimate *place(struct lu_effects *effects, size_t i)
{
	struct lu_estimate *const fixed[] = {&effects->none,	    &effects->all,
					     &effects->difference,  &effects->mean_share,
					     &effects->alone_share, &effects->pairs_share};
	size_t k = effects->factors;

	if (i < FIRST)
		return fixed[i];
	i -= FIRST;
	return i < k	   ? &effects->mean[i]
	       : i < 2 * k ? &effects->alone[i - k]
			   : &effects->pairs[i - 2 * k].more;
}

/* DRAWS of each figure, a figure after another; NULL: there are no repeats. */
static double *bootstrap(const struct work *work)
{
	size_t all = figures(work);
	g_autofree double *means = g_new(double, work->cells->count);
	g_autofree double *one = g_new(double, all);
	double *draws;
	gsl_rng *rng;

	if (!work->cells->n_off)
		return NULL;
	draws = g_new(double, all *DRAWS);
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, SEED);
	for (size_t d = 0; d < DRAWS; d++) {
		lu_effects_cells_redraw(work->cells, rng, means);
		estimate(work, means, one);
		for (size_t i = 0; i < all; i++)
			draws[i * DRAWS + d] = one[i];
	}
	gsl_rng_free(rng);
	return draws;
}

/* Squares of the combinations about their mean, each as often as it was run. */
static double total_squares(const struct lu_effects_cells *cells)
{
	double mean = 0, total = 0;

	for (size_t i = 0; i < cells->count; i++)
		mean += (double)cells->n[i] * cells->means[i] / (double)cells->runs;
	for (size_t i = 0; i < cells->count; i++)
		total += (double)cells->n[i] * (cells->means[i] - mean) * (cells->means[i] - mean);
	return total;
}

static struct lu_effects_fit fit_of(const struct work *work, struct lu_effects_model *model)
{
	double left = lu_effects_model_fit(model, work->cells->means);
	double total = total_squares(work->cells);

	return (struct lu_effects_fit){
		.r2 = total > 0 ? 1 - left / total : NAN,
		.lack_p = lu_effects_lack(work->cells, left, lu_effects_model_terms(model) + 1),
	};
}

static void take_pairs(struct work *work, struct lu_effects *effects)
{
	work->n_pairs = lu_effects_find_pairs(work->cells, work->by_runs, work->pairs);
	work->with_pairs =
		lu_effects_model_new(work->cells, work->by_runs, work->pairs, work->n_pairs);
	effects->n_pairs = work->n_pairs;
	for (size_t p = 0; p < work->n_pairs; p++)
		effects->pairs[p] = work->pairs[p];
}

static struct lu_effects *make(struct work *work, double confidence)
{
	struct lu_effects *effects = g_new0(struct lu_effects, 1);
	g_autofree double *values = NULL;
	g_autofree double *draws = NULL;

	effects->factors = work->cells->factors;
	effects->mean = g_new(struct lu_estimate, effects->factors);
	effects->alone = g_new(struct lu_estimate, effects->factors);
	effects->noise = work->cells->noise;
	take_pairs(work, effects);
	effects->additive = fit_of(work, work->additive);
	effects->with_pairs = fit_of(work, work->with_pairs);
	values = g_new(double, figures(work));
	estimate(work, work->cells->means, values);
	draws = bootstrap(work);
	for (size_t i = 0; i < figures(work); i++)
		put(place(effects, i), draws ? draws + i * DRAWS : NULL, values[i], confidence);
	return effects;
}

struct lu_effects *lu_effects_new(const struct lu_effects_runs *runs, double confidence)
{
	struct lu_effects *effects = NULL;
	struct work work;

	if (runs->factors < 1 || runs->runs < runs->factors + 1)
		return NULL;
	work_init(&work, runs);
	if (is_enough(&work))
		effects = make(&work, confidence);
	work_clear(&work);
	return effects;
}

void lu_effects_free(struct lu_effects *effects)
{
	if (!effects)
		return;
	g_free(effects->mean);
	g_free(effects->alone);
	g_free(effects);
}
