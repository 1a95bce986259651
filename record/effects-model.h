/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A linear model of the means of combinations (record/effects.h): what each switch saves and, for
 * some pairs, what both save beyond that. By weighted least squares. */
#pragma once
#include "record/effects-cells.h"

struct lu_effects_model;

/* weights: of the combinations; borrowed, as are cells. pairs: their factors; only used here. */
struct lu_effects_model *lu_effects_model_new(const struct lu_effects_cells *cells,
					      const double *weights,
					      const struct lu_effects_pair *pairs, size_t n_pairs);
void lu_effects_model_free(struct lu_effects_model *model);
/* Fit it to these means. The weighted sum of squares that it leaves; NAN: these combinations do not
 * tell its terms apart. */
double lu_effects_model_fit(struct lu_effects_model *model, const double *means);
/* What term i saves as last fitted: the factors first, then the pairs. */
double lu_effects_model_saving(const struct lu_effects_model *model, size_t i);
/* Factors and pairs. */
size_t lu_effects_model_terms(const struct lu_effects_model *model);
