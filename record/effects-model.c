/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On GSL. */
#include "record/effects-model.h"
#include <glib.h>
#include <gsl/gsl_multifit.h>
#include <math.h>

/* Singular values below this share of the greatest are none. */
#define TOLERANCE 1e-9

struct lu_effects_model {
	size_t cells, terms;
	gsl_matrix *x, *cov;
	gsl_vector *y, *weights, *c;
	gsl_multifit_linear_workspace *space;
};

static void fill_row(gsl_matrix *x, size_t i, const struct lu_effects_cells *cells,
		     const struct lu_effects_pair *pairs, size_t n_pairs)
{
	const bool *on = cells->on[i];

	gsl_matrix_set(x, i, 0, 1);
	for (size_t f = 0; f < cells->factors; f++)
		gsl_matrix_set(x, i, f + 1, on[f]);
	for (size_t p = 0; p < n_pairs; p++)
		gsl_matrix_set(x, i, cells->factors + p + 1, on[pairs[p].a] && on[pairs[p].b]);
}

struct lu_effects_model *lu_effects_model_new(const struct lu_effects_cells *cells,
					      const double *weights,
					      const struct lu_effects_pair *pairs, size_t n_pairs)
{
	struct lu_effects_model *model = g_new0(struct lu_effects_model, 1);
	size_t terms = cells->factors + n_pairs;

	model->cells = cells->count;
	model->terms = terms;
	/* GSL takes no fewer rows than terms. */
	if (cells->count < terms + 1)
		return model;
	model->x = gsl_matrix_alloc(cells->count, terms + 1);
	model->cov = gsl_matrix_alloc(terms + 1, terms + 1);
	model->y = gsl_vector_alloc(cells->count);
	model->weights = gsl_vector_alloc(cells->count);
	model->c = gsl_vector_alloc(terms + 1);
	model->space = gsl_multifit_linear_alloc(cells->count, terms + 1);
	for (size_t i = 0; i < cells->count; i++) {
		gsl_vector_set(model->weights, i, weights[i]);
		fill_row(model->x, i, cells, pairs, n_pairs);
	}
	return model;
}

void lu_effects_model_free(struct lu_effects_model *model)
{
	if (model->space) {
		gsl_matrix_free(model->x);
		gsl_matrix_free(model->cov);
		gsl_vector_free(model->y);
		gsl_vector_free(model->weights);
		gsl_vector_free(model->c);
		gsl_multifit_linear_free(model->space);
	}
	g_free(model);
}

double lu_effects_model_fit(struct lu_effects_model *model, const double *means)
{
	double left = NAN;

	if (!model->space)
		return NAN;
	for (size_t i = 0; i < model->cells; i++)
		gsl_vector_set(model->y, i, means[i]);
	gsl_multifit_wlinear(model->x, model->weights, model->y, model->c, model->cov, &left,
			     model->space);
	return gsl_multifit_linear_rank(TOLERANCE, model->space) == model->terms + 1 ? left : NAN;
}

double lu_effects_model_saving(const struct lu_effects_model *model, size_t i)
{
	return -gsl_vector_get(model->c, i + 1);
}

size_t lu_effects_model_terms(const struct lu_effects_model *model)
{
	return model->terms;
}
