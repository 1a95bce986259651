/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Effects of switches: least squares and a bootstrap, on GSL. */
#include "record/effects.h"
#include <glib.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "record/stats.h"

#define DRAWS 2000
#define SEED  1 /* the same runs always give the same intervals */

/* Runs of one combination. */
struct cell {
	const bool *on; /* of the first run */
	double sum;
	size_t n;
};

struct work {
	const struct lu_effects_runs *runs;
	size_t *cell_of; /* by run */
	GArray *cells;	 /* struct cell */
	gsl_matrix *x;
	gsl_vector *y, *c;
	gsl_matrix *cov;
	gsl_multifit_linear_workspace *space;
	double *means; /* by cell, of the values in y */
};

/* One estimate of all figures: none, all, difference, shares, then mean and alone by factor. */
enum { NONE, ALL, DIFFERENCE, MEAN_SHARE, ALONE_SHARE, FIRST };

static size_t figures(const struct lu_effects_runs *runs)
{
	return FIRST + 2 * runs->factors;
}

static struct cell *cell_at(const struct work *work, size_t i)
{
	return &g_array_index(work->cells, struct cell, i);
}

static size_t find_cell(struct work *work, const bool *on)
{
	struct cell fresh = {.on = on};

	for (size_t i = 0; i < work->cells->len; i++)
		if (!memcmp(cell_at(work, i)->on, on, work->runs->factors * sizeof(*on)))
			return i;
	g_array_append_val(work->cells, fresh);
	return work->cells->len - 1;
}

static void work_init(struct work *work, const struct lu_effects_runs *runs)
{
	size_t p = runs->factors + 1;

	*work = (struct work){.runs = runs};
	work->cells = g_array_new(FALSE, TRUE, sizeof(struct cell));
	work->cell_of = g_new(size_t, runs->runs);
	work->x = gsl_matrix_alloc(runs->runs, p);
	work->y = gsl_vector_alloc(runs->runs);
	work->c = gsl_vector_alloc(p);
	work->cov = gsl_matrix_alloc(p, p);
	work->space = gsl_multifit_linear_alloc(runs->runs, p);
	for (size_t r = 0; r < runs->runs; r++) {
		const bool *on = runs->on + r * runs->factors;

		work->cell_of[r] = find_cell(work, on);
		gsl_vector_set(work->y, r, runs->y[r]);
		gsl_matrix_set(work->x, r, 0, 1);
		for (size_t f = 0; f < runs->factors; f++)
			gsl_matrix_set(work->x, r, f + 1, on[f]);
	}
	work->means = g_new(double, work->cells->len);
}

static void work_clear(struct work *work)
{
	g_array_unref(work->cells);
	g_free(work->cell_of);
	g_free(work->means);
	gsl_matrix_free(work->x);
	gsl_vector_free(work->y);
	gsl_vector_free(work->c);
	gsl_matrix_free(work->cov);
	gsl_multifit_linear_free(work->space);
}

static void take_means(struct work *work)
{
	for (size_t i = 0; i < work->cells->len; i++)
		cell_at(work, i)->sum = cell_at(work, i)->n = 0;
	for (size_t r = 0; r < work->runs->runs; r++) {
		struct cell *cell = cell_at(work, work->cell_of[r]);

		cell->sum += gsl_vector_get(work->y, r);
		cell->n++;
	}
	for (size_t i = 0; i < work->cells->len; i++)
		work->means[i] = cell_at(work, i)->sum / (double)cell_at(work, i)->n;
}

/* Mean of the combination in which all are on (most) or off, but for factor `other` (SIZE_MAX: none),
 * which is the opposite. NAN: no run has it. */
static double mean_of(const struct work *work, bool most, size_t other)
{
	for (size_t i = 0; i < work->cells->len; i++) {
		bool is = true;

		for (size_t f = 0; is && f < work->runs->factors; f++)
			is = cell_at(work, i)->on[f] == (f == other ? !most : most);
		if (is)
			return work->means[i];
	}
	return NAN;
}

/* *rank: of the model, full when its coefficients are told apart. */
static void fit(struct work *work, size_t *rank)
{
	double chisq;

	gsl_multifit_linear(work->x, work->y, work->c, work->cov, &chisq, work->space);
	*rank = gsl_multifit_linear_rank(1e-9, work->space);
}

static void estimate(struct work *work, double *out)
{
	size_t k = work->runs->factors, rank;
	double sum = 0, sum_alone = 0;

	take_means(work);
	fit(work, &rank);
	out[NONE] = mean_of(work, false, SIZE_MAX);
	out[ALL] = mean_of(work, true, SIZE_MAX);
	out[DIFFERENCE] = out[NONE] - out[ALL];
	for (size_t f = 0; f < k; f++) {
		out[FIRST + f] = -gsl_vector_get(work->c, f + 1);
		out[FIRST + k + f] = out[NONE] - mean_of(work, false, f);
		sum += out[FIRST + f];
		sum_alone += out[FIRST + k + f];
	}
	out[MEAN_SHARE] = sum / out[DIFFERENCE];
	out[ALONE_SHARE] = sum_alone / out[DIFFERENCE];
}

/* How far each run lies from its combination's mean, scaled so that their variance is that of runs.
 * *spread: its square root. NULL: no combination was repeated. */
static double *scatter(const struct work *work, size_t *count, double *spread)
{
	double *off = g_new(double, work->runs->runs), squares = 0, scale;
	size_t free_ones = work->runs->runs - work->cells->len, n = 0;

	for (size_t r = 0; r < work->runs->runs; r++) {
		const struct cell *cell = cell_at(work, work->cell_of[r]);

		if (cell->n < 2)
			continue;
		off[n] = work->runs->y[r] - work->means[work->cell_of[r]];
		squares += off[n] * off[n];
		n++;
	}
	*count = n;
	*spread = free_ones ? sqrt(squares / (double)free_ones) : NAN;
	if (!free_ones) {
		g_free(off);
		return NULL;
	}
	scale = sqrt((double)n / (double)free_ones);
	for (size_t i = 0; i < n; i++)
		off[i] *= scale;
	return off;
}

static void redraw(struct work *work, const double *means, const double *off, size_t count,
		   gsl_rng *rng)
{
	for (size_t r = 0; r < work->runs->runs; r++)
		gsl_vector_set(work->y, r,
			       means[work->cell_of[r]] + off[gsl_rng_uniform_int(rng, count)]);
}

static void put(struct lu_estimate *to, const double *draws, double value, double confidence)
{
	if (isnan(value))
		draws = NULL;
	to->value = value;
	to->low = draws ? lu_stats_quantile(draws, DRAWS, (1 - confidence) / 2) : NAN;
	to->high = draws ? lu_stats_quantile(draws, DRAWS, (1 + confidence) / 2) : NAN;
}

/* The i-th figure's place; NULL: behind the last. */
static struct lu_estimate *place(struct lu_effects *effects, size_t i)
{
	struct lu_estimate *const fixed[] = {&effects->none, &effects->all, &effects->difference,
					     &effects->mean_share, &effects->alone_share};

	if (i < FIRST)
		return fixed[i];
	i -= FIRST;
	return i < effects->factors ? &effects->mean[i] : &effects->alone[i - effects->factors];
}

/* draws: DRAWS of each figure, a figure after another; NULL: none. */
static double *bootstrap(struct work *work, double *noise)
{
	size_t all = figures(work->runs), count;
	double *off = scatter(work, &count, noise), *draws;
	g_autofree double *means = g_memdup2(work->means, work->cells->len * sizeof(double));
	g_autofree double *one = g_new(double, all);
	gsl_rng *rng;

	if (!off)
		return NULL;
	draws = g_new(double, all *DRAWS);
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, SEED);
	for (size_t d = 0; d < DRAWS; d++) {
		redraw(work, means, off, count, rng);
		estimate(work, one);
		for (size_t i = 0; i < all; i++)
			draws[i * DRAWS + d] = one[i];
	}
	gsl_rng_free(rng);
	g_free(off);
	return draws;
}

/* Of the means of combinations, each as often as it was run. */
static double r_squared(const struct work *work)
{
	double total = 0, left = 0, mean = 0;

	for (size_t r = 0; r < work->runs->runs; r++)
		mean += work->means[work->cell_of[r]] / (double)work->runs->runs;
	for (size_t r = 0; r < work->runs->runs; r++) {
		double at = work->means[work->cell_of[r]], model = gsl_vector_get(work->c, 0);

		for (size_t f = 0; f < work->runs->factors; f++)
			model += gsl_vector_get(work->c, f + 1) * gsl_matrix_get(work->x, r, f + 1);
		total += (at - mean) * (at - mean);
		left += (at - model) * (at - model);
	}
	return total > 0 ? 1 - left / total : NAN;
}

static struct lu_effects *make(struct work *work, double confidence)
{
	struct lu_effects *effects = g_new0(struct lu_effects, 1);
	size_t all = figures(work->runs);
	g_autofree double *values = g_new(double, all);
	g_autofree double *draws = NULL;

	effects->factors = work->runs->factors;
	effects->mean = g_new(struct lu_estimate, effects->factors);
	effects->alone = g_new(struct lu_estimate, effects->factors);
	estimate(work, values);
	effects->r2 = r_squared(work);
	draws = bootstrap(work, &effects->noise);
	for (size_t i = 0; i < all; i++)
		put(place(effects, i), draws ? draws + i * DRAWS : NULL, values[i], confidence);
	return effects;
}

/* Can the coefficients be told apart, and are both ends there? */
static bool is_enough(struct work *work)
{
	size_t rank;

	take_means(work);
	fit(work, &rank);
	return rank == work->runs->factors + 1 && !isnan(mean_of(work, false, SIZE_MAX)) &&
	       !isnan(mean_of(work, true, SIZE_MAX));
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
