/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bootstrap interval of a median without resampling. A resample's middle values are order
 * statistics of the sample, and how probable each is follows from counting: k of n draws are among
 * the i least with binomial probability. */
#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include "record/stats.h"

/* Less probable ones do not move a quantile, and sums of probabilities are no more exact. */
#define NEGLIGIBLE 1e-12

/* A median that a resample may have. */
struct atom {
	double value, p;
};

/* Of a sorted sample. */
struct draws {
	const double *sorted;
	size_t n;
	GArray *atoms; /* struct atom */
};

static void add(struct draws *draws, double value, double p)
{
	const struct atom atom = {value, p};

	if (p > NEGLIGIBLE)
		g_array_append_val(draws->atoms, atom);
}

/* That the k-th least of the draws is the i-th least of the sample (from 1). */
static double p_of(const struct draws *draws, size_t k, size_t i)
{
	double n = (double)draws->n;

	return gsl_cdf_binomial_Q((unsigned)(k - 1), (double)i / n, (unsigned)draws->n) -
	       gsl_cdf_binomial_Q((unsigned)(k - 1), (double)(i - 1) / n, (unsigned)draws->n);
}

static void add_single(struct draws *draws)
{
	for (size_t i = 1; i <= draws->n; i++)
		add(draws, draws->sorted[i - 1], p_of(draws, (draws->n + 1) / 2, i));
}

/* Half of the draws are among so many of the sample: the root of how many ways there are to choose
 * which half, times its probability. */
static double half_among(const struct draws *draws, size_t i)
{
	unsigned half = (unsigned)draws->n / 2;

	if (i == 0)
		return 0;
	return exp(gsl_sf_lnchoose((unsigned)draws->n, half) / 2 +
		   half * log((double)i / (double)draws->n));
}

/* The middle two are i and a later one j: the lower half of the draws has i as its greatest, the
 * upper one j as its least. */
static void add_pairs(struct draws *draws, size_t i, double p)
{
	double lower = half_among(draws, i) - half_among(draws, i - 1), tail;
	double apart = lower * half_among(draws, draws->n - i);

	add(draws, draws->sorted[i - 1], p - apart);
	for (size_t j = i + 1; j <= draws->n; j++) {
		tail = half_among(draws, draws->n - j + 1);
		if (lower * tail <= NEGLIGIBLE)
			return;
		add(draws, (draws->sorted[i - 1] + draws->sorted[j - 1]) / 2,
		    lower * (tail - half_among(draws, draws->n - j)));
	}
}

static void add_middle_two(struct draws *draws)
{
	for (size_t i = 1; i <= draws->n; i++) {
		double p = p_of(draws, draws->n / 2, i);

		if (p > NEGLIGIBLE)
			add_pairs(draws, i, p);
	}
}

static int by_value(gconstpointer a, gconstpointer b)
{
	const struct atom *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* The least value that is not exceeded with probability q. */
static double quantile(const GArray *atoms, double q)
{
	double sum = 0;

	for (guint i = 0; i < atoms->len; i++) {
		const struct atom *atom = &g_array_index(atoms, struct atom, i);

		sum += atom->p;
		if (sum >= q - 1e-9)
			return atom->value;
	}
	return g_array_index(atoms, struct atom, atoms->len - 1).value;
}

void lu_stats_median_ci(const double *x, size_t n, double confidence, double *low, double *high)
{
	*low = *high = NAN;
	if (n == 0)
		return;
	g_autofree double *sorted = g_memdup2(x, n * sizeof(*x));
	g_autoptr(GArray) atoms = g_array_new(FALSE, FALSE, sizeof(struct atom));
	struct draws draws = {sorted, n, atoms};

	gsl_sort(sorted, 1, n);
	if (n % 2)
		add_single(&draws);
	else
		add_middle_two(&draws);
	g_array_sort(atoms, by_value);
	*low = quantile(atoms, (1 - confidence) / 2);
	*high = quantile(atoms, (1 + confidence) / 2);
}
