/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which factor one sample lies above another. */
#include "record/shift.h"
#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>
#include "record/rank-test.h"

/* Makes the median distance of two values the standard deviation of normal ones. */
#define SHAMOS 1.0483
/* Of a rank test to the t test, where the latter is at its best: 3 / π. */
#define EFFICIENCY (3 / G_PI)
#define MOST_RUNS  1000000
/* So few runs see less than the efficiency of many promises (six pairs in 76 % of cases what should be
 * seen in 90 %), because a rank test of theirs has few levels: what they see is simulated. */
#define FEW	    20
#define SIMULATIONS 2000

/* The logarithm of b / a. */
static double log_ratio(double a, double b)
{
	if (a == b)
		return 0;
	return log(b) - log(a); /* ±INFINITY when one is 0 */
}

/* The logarithms of factors of which the estimate is the median, sorted, with the tail of their
 * rank test. Free values. */
struct factors {
	double *values;
	size_t n, na, nb; /* nb 0: of pairs */
};

static struct factors factors_of_samples(const double *a, size_t na, const double *b, size_t nb)
{
	struct factors factors = {g_new(double, na *nb), na * nb, na, nb};

	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++)
			factors.values[i * nb + j] = log_ratio(a[i], b[j]);
	gsl_sort(factors.values, 1, factors.n);
	return factors;
}

/* The mean of every two pairs' factors; of opposite infinities 0. */
static struct factors factors_of_pairs(const double *a, const double *b, size_t n)
{
	struct factors factors = {g_new(double, n *(n + 1) / 2), 0, n, 0};

	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			double mean = (log_ratio(a[i], b[i]) + log_ratio(a[j], b[j])) / 2;

			factors.values[factors.n++] = isnan(mean) ? 0 : mean;
		}
	gsl_sort(factors.values, 1, factors.n);
	return factors;
}

static double tail(size_t na, size_t nb, double at_most)
{
	return nb ? lu_rank_sum_p(na, nb, at_most) : lu_signed_rank_p(na, at_most);
}

/* How many of the sorted factors an interval leaves out at each end, plus one; 0: there is none. */
static size_t ends_of(size_t na, size_t nb, size_t n, double confidence)
{
	size_t low = 0, high = n / 2 + 1;

	/* The most for which the tail is small enough, by bisection. */
	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		if (tail(na, nb, (double)middle - 1) <= (1 - confidence) / 2)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The median of values of which some may be infinite. */
static double median_of(const struct factors *factors)
{
	double a = factors->values[(factors->n - 1) / 2], b = factors->values[factors->n / 2];

	return a == b ? a : (a + b) / 2;
}

/* Two-sided: twice the smaller tail of how many factors are positive; those of 0 count half, and
 * halves towards the middle. */
static double p_of(const struct factors *factors)
{
	double above = 0, all = (double)factors->n;

	for (size_t i = 0; i < factors->n; i++)
		above += factors->values[i] > 0 ? 1 : factors->values[i] == 0 ? 0.5 : 0;
	return fmin(1, 2 * tail(factors->na, factors->nb, ceil(fmin(above, all - above))));
}

static struct lu_shift shift_of(struct factors factors, double confidence)
{
	size_t ends = ends_of(factors.na, factors.nb, factors.n, confidence);
	struct lu_shift shift = {
		.ratio = exp(median_of(&factors)),
		.high = INFINITY,
		.p = p_of(&factors),
		.interval = ends > 0,
	};

	if (ends) {
		shift.low = exp(factors.values[ends - 1]);
		shift.high = exp(factors.values[factors.n - ends]);
	}
	g_free(factors.values);
	return shift;
}

/* Distances of any two of these logarithms. */
static void add_distances(GArray *distances, const double *logs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			double distance = fabs(logs[i] - logs[j]);

			if (isfinite(distance))
				g_array_append_val(distances, distance);
		}
}

static double spread_of(GArray *distances)
{
	double *values = (double *)(void *)distances->data;

	return distances->len ? SHAMOS * gsl_stats_median(values, 1, distances->len) : NAN;
}

static double *logs_of(const double *x, size_t n)
{
	double *logs = g_new(double, n);

	for (size_t i = 0; i < n; i++)
		logs[i] = log(x[i]);
	return logs;
}

static double spread_of_samples(const struct lu_censored *a, const struct lu_censored *b)
{
	g_autoptr(GArray) distances = g_array_new(FALSE, FALSE, sizeof(double));
	g_autofree double *x = logs_of(a->high, a->n), *y = logs_of(b->high, b->n);

	add_distances(distances, x, a->n);
	add_distances(distances, y, b->n);
	return spread_of(distances);
}

static double spread_of_pairs(const struct lu_censored *a, const struct lu_censored *b)
{
	g_autoptr(GArray) distances = g_array_new(FALSE, FALSE, sizeof(double));
	g_autofree double *logs = g_new(double, a->n);

	for (size_t i = 0; i < a->n; i++)
		logs[i] = log_ratio(a->high[i], b->high[i]);
	add_distances(distances, logs, a->n);
	return spread_of(distances);
}

static bool is_exact(const struct lu_censored *x)
{
	return memcmp(x->low, x->high, x->n * sizeof(*x->low)) == 0;
}

/* The least that b can be beside the greatest that a can be, and the other way round: what holds for
 * both is known. */
static struct lu_shift between(struct lu_shift least, struct lu_shift most)
{
	bool either_way = least.ratio <= 1 && most.ratio >= 1;

	return (struct lu_shift){
		.ratio = least.ratio == most.ratio ? least.ratio : NAN,
		.low = least.low,
		.high = most.high,
		.p = either_way ? 1 : fmax(least.p, most.p),
		.interval = least.interval,
	};
}

static const struct lu_shift nothing = {.ratio = NAN, .high = INFINITY, .p = NAN, .spread = NAN};

struct lu_shift lu_shift_of_samples(const struct lu_censored *a, const struct lu_censored *b,
				    double confidence)
{
	struct lu_shift shift;

	if (a->n == 0 || b->n == 0)
		return nothing;
	shift = shift_of(factors_of_samples(a->high, a->n, b->low, b->n), confidence);
	if (!is_exact(a) || !is_exact(b))
		shift = between(shift, shift_of(factors_of_samples(a->low, a->n, b->high, b->n),
						confidence));
	shift.spread = spread_of_samples(a, b);
	shift.n = MIN(a->n, b->n);
	return shift;
}

struct lu_shift lu_shift_of_pairs(const struct lu_censored *a, const struct lu_censored *b,
				  double confidence)
{
	struct lu_shift shift;

	if (a->n == 0)
		return nothing;
	shift = shift_of(factors_of_pairs(a->high, b->low, a->n), confidence);
	if (!is_exact(a) || !is_exact(b))
		shift = between(shift,
				shift_of(factors_of_pairs(a->low, b->high, a->n), confidence));
	shift.spread = spread_of_pairs(a, b);
	shift.n = a->n;
	return shift;
}

double lu_shift_least_p(size_t na, size_t nb)
{
	return na && nb ? fmin(1, 2 * tail(na, nb, 0)) : 1;
}

size_t lu_shift_least(double confidence, bool paired)
{
	size_t n = 1;

	while (tail(n, paired ? 0 : n, 0) > (1 - confidence) / 2)
		n++;
	return n;
}

/* Logarithms of factors of n runs a side, or pairs, that scatter by 1 about no change at all, in no
 * order: all n² of them, or those of each two pairs. */
static void draw_factors(gsl_rng *rng, size_t n, bool paired, double *factors)
{
	double a[FEW], b[FEW];

	for (size_t i = 0; i < n; i++) {
		a[i] = paired ? 0 : log(gsl_ran_lognormal(rng, 0, 1));
		b[i] = log(gsl_ran_lognormal(rng, 0, 1));
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = paired ? i : 0; j < n; j++)
			*factors++ = paired ? (b[i] + b[j]) / 2 : b[j] - a[i];
}

/* A change moves the interval as a whole: it is seen when it is more than the lower end lies below
 * 0. In units of the spread; always the same for the same n. */
static double few_detect(const struct lu_shift_design *design, size_t n)
{
	size_t all = design->paired ? n * (n + 1) / 2 : n * n;
	size_t ends = ends_of(n, design->paired ? 0 : n, all, design->confidence);
	g_autofree double *needed = g_new(double, SIMULATIONS);
	g_autofree double *factors = g_new(double, all);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	for (size_t i = 0; i < SIMULATIONS; i++) {
		draw_factors(rng, n, design->paired, factors);
		needed[i] = -gsl_stats_select(factors, 1, all, ends - 1);
	}
	gsl_rng_free(rng);
	gsl_sort(needed, 1, SIMULATIONS);
	return gsl_stats_quantile_from_sorted_data(needed, 1, SIMULATIONS, design->power);
}

static double many_detect(const struct lu_shift_design *design, size_t n)
{
	double freedom = (double)(design->paired ? n : 2 * n) - (design->paired ? 1 : 2);
	double each = (design->paired ? 1.0 : 2.0) / (double)n / EFFICIENCY;
	double quantiles = gsl_cdf_tdist_Pinv((1 + design->confidence) / 2, freedom) +
			   gsl_cdf_tdist_Pinv(design->power, freedom);

	return quantiles * sqrt(each);
}

double lu_shift_detectable(const struct lu_shift_design *design, size_t n)
{
	if (n < lu_shift_least(design->confidence, design->paired))
		return INFINITY;
	return exp(design->spread * (n <= FEW ? few_detect(design, n) : many_detect(design, n)));
}

size_t lu_shift_runs(const struct lu_shift_design *design, double factor)
{
	size_t low = lu_shift_least(design->confidence, design->paired), high = MOST_RUNS;

	if (!(lu_shift_detectable(design, high) <= factor))
		return 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (lu_shift_detectable(design, middle) <= factor)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
