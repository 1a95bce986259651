/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/effects-cells.h"
#include <glib.h>
#include <math.h>
#include <string.h>

static size_t cell_of(struct lu_effects_cells *cells, const bool *on)
{
	size_t i = 0;

	while (i < cells->count && memcmp(cells->on[i], on, cells->factors * sizeof(*on)) != 0)
		i++;
	return i;
}

/* Sums are in means. */
static size_t add_run(struct lu_effects_cells *cells, const bool *on, double y)
{
	size_t i = cell_of(cells, on);

	if (i == cells->count)
		cells->on[cells->count++] = on;
	cells->n[i]++;
	cells->means[i] += y;
	return i;
}

static void scatter(struct lu_effects_cells *cells, const size_t *of_run, const double *y)
{
	size_t spare = cells->runs - cells->count;
	double squares = 0, scale;

	cells->noise = NAN;
	if (!spare)
		return;
	for (size_t r = 0; r < cells->runs; r++) {
		double off = y[r] - cells->means[of_run[r]];

		if (cells->n[of_run[r]] < 2)
			continue;
		cells->off[cells->n_off++] = off;
		squares += off * off;
	}
	cells->noise = sqrt(squares / (double)spare);
	scale = sqrt((double)cells->n_off / (double)spare);
	for (size_t i = 0; i < cells->n_off; i++)
		cells->off[i] *= scale;
}

struct lu_effects_cells *lu_effects_cells_new(const struct lu_effects_runs *runs)
{
	struct lu_effects_cells *cells = g_new0(struct lu_effects_cells, 1);
	g_autofree size_t *of_run = g_new(size_t, runs->runs);

	cells->factors = runs->factors;
	cells->runs = runs->runs;
	cells->on = g_new0(const bool *, runs->runs);
	cells->n = g_new0(size_t, runs->runs);
	cells->means = g_new0(double, runs->runs);
	cells->off = g_new(double, runs->runs);
	for (size_t r = 0; r < runs->runs; r++)
		of_run[r] = add_run(cells, runs->on + r * runs->factors, runs->y[r]);
	for (size_t i = 0; i < cells->count; i++)
		cells->means[i] /= (double)cells->n[i];
	scatter(cells, of_run, runs->y);
	return cells;
}

void lu_effects_cells_free(struct lu_effects_cells *cells)
{
	g_free(cells->on);
	g_free(cells->n);
	g_free(cells->means);
	g_free(cells->off);
	g_free(cells);
}

size_t lu_effects_cells_find(const struct lu_effects_cells *cells, bool most, size_t other)
{
	size_t i = 0;

	for (bool is = false; i < cells->count; i++) {
		is = true;
		for (size_t f = 0; is && f < cells->factors; f++)
			is = cells->on[i][f] == (f == other ? !most : most);
		if (is)
			break;
	}
	return i;
}

static bool is_mirror(const bool *a, const bool *b, size_t factors)
{
	size_t f = 0;

	while (f < factors && a[f] != b[f])
		f++;
	return f == factors;
}

bool lu_effects_cells_mirrored(const struct lu_effects_cells *cells, size_t i)
{
	size_t k = 0;

	while (k < cells->count && !is_mirror(cells->on[i], cells->on[k], cells->factors))
		k++;
	return k < cells->count;
}

void lu_effects_cells_redraw(const struct lu_effects_cells *cells, gsl_rng *rng, double *means)
{
	for (size_t i = 0; i < cells->count; i++) {
		double sum = 0;

		for (size_t k = 0; k < cells->n[i]; k++)
			sum += cells->off[gsl_rng_uniform_int(rng, cells->n_off)];
		means[i] = cells->means[i] + sum / (double)cells->n[i];
	}
}
