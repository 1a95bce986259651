/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Curves of waits: solid from the trigger on, dashed before it. */
#include "bench/report/plot-waits.h"
#include <math.h>
#include "bench/cli.h"
#include "bench/report/plot-script.h"
#include "bench/report/waits.h"
#include "record/error.h"

#define MOST_GROUPS  8
#define PLOT_HEIGHT  470
#define KEY_HEIGHT   24
#define TITLE_HEIGHT 50
#define AXIS_HEIGHT  92

struct curve {
	const char *label;
	struct lu_waits *upgrade, *baseline;
};

struct picture {
	const struct lu_plot_waits *plot;
	GArray *curves;
	double x_min, x_max, least; /* s; the least share that a curve shows */
};

static void curve_clear(void *data)
{
	struct curve *curve = data;

	lu_waits_free(curve->upgrade);
	lu_waits_free(curve->baseline);
}

static double seconds(int64_t ns)
{
	return (double)MAX(ns, 1) / 1e9;
}

static void cover(struct picture *picture, const struct lu_waits *waits)
{
	const GArray *buckets = waits->buckets;

	if (!buckets->len)
		return;
	picture->x_min = fmin(picture->x_min,
			      seconds(g_array_index(buckets, struct lu_waits_bucket, 0).low_ns));
	picture->x_max = fmax(
		picture->x_max,
		seconds(g_array_index(buckets, struct lu_waits_bucket, buckets->len - 1).high_ns));
	picture->least = fmin(picture->least, 1.0 / (double)waits->requests);
}

static void add_curve(struct picture *picture, const json_t *group)
{
	const json_t *counted = json_object_get(group, "counted");
	struct curve curve = {
		lu_cli_get_str(group, "label"),
		lu_waits_new(counted, "upgrade", picture->plot->class),
		lu_waits_new(counted, "baseline", picture->plot->class),
	};

	if (curve.upgrade->requests == 0) {
		curve_clear(&curve);
		return;
	}
	cover(picture, curve.upgrade);
	cover(picture, curve.baseline);
	g_array_append_val(picture->curves, curve);
}

static void append_point(GString *script, const struct picture *picture, int64_t ns, double share)
{
	double y = picture->plot->complement ? fmax(share, picture->least / 2) : 1 - share;

	g_string_append_printf(script, "%.9g %.9g\n", seconds(ns), y);
}

/* Within a bucket, which is narrow, the curve is a straight line. */
static void append_data(GString *script, const struct picture *picture, const char *block,
			guint index, const struct lu_waits *waits)
{
	uint64_t left = waits->requests;

	g_string_append_printf(script, "$%s%u << EOD\n", block, index);
	if (!waits->buckets->len) /* gnuplot knows no block without data */
		g_string_append(script, "NaN NaN\n");
	for (guint i = 0; i < waits->buckets->len; i++) {
		const struct lu_waits_bucket *bucket =
			&g_array_index(waits->buckets, struct lu_waits_bucket, i);
		double all = (double)waits->requests;

		append_point(script, picture, bucket->low_ns, (double)left / all);
		left -= bucket->count;
		append_point(script, picture, bucket->high_ns, (double)left / all);
	}
	g_string_append(script, "EOD\n");
}

/* Decades with their units. */
static void append_x_tics(GString *script, const struct picture *picture)
{
	static const char *const units[] = {"ns", "µs", "ms", "s"};
	int first = (int)lround(log10(picture->x_min)), last = (int)lround(log10(picture->x_max));

	g_string_append(script, "set xtics (");
	for (int exponent = first; exponent <= last; exponent++) {
		int nano = exponent + 9, unit = CLAMP(nano / 3, 0, 3);

		g_string_append_printf(script, "%s'%g %s' 1e%d", exponent > first ? ", " : "",
				       pow(10, nano - 3 * unit), units[unit], exponent);
	}
	g_string_append(script, ")\n");
}

/* Shares, and the quantile that each stands for; gnuplot takes a tic's text for a format. */
static void append_y_axis(GString *script, const struct picture *picture)
{
	if (!picture->plot->complement) {
		g_string_append(script,
				"set yrange [0:1.02]\nset ylabel 'share of the requests that "
				"waited less'\nset ytics ('0' 0, '50 %%' 0.5, '90 %%' 0.9, "
				"'99 %%' 0.99)\n");
		return;
	}
	g_string_append_printf(script, "set logscale y 10\nset yrange [%.9g:1.3]\n",
			       picture->least / 2);
	g_string_append(script, "set ylabel 'share of the requests that waited so long'\n"
				"set ytics ('all' 1, '50 %%, p50' 0.5, '10 %%, p90' 0.1, '1 %%, "
				"p99' 0.01, '0.1 %%, p99.9' 0.001, '0.01 %%, p99.99' 0.0001, "
				"'0.001 %%' 0.00001)\n");
}

unsigned lu_plot_waits_height(const struct lu_plot_waits *plot)
{
	size_t n = MIN(json_array_size(plot->groups), MOST_GROUPS);

	return PLOT_HEIGHT + KEY_HEIGHT * (unsigned)n;
}

static void append_axes(GString *script, const struct picture *picture)
{
	g_autofree char *of =
		picture->plot->class ? g_strdup_printf(" of class %s", picture->plot->class)
				     : g_strdup("");
	g_autofree char *title = g_strdup_printf(
		"What requests%s waited for, from their intended time; solid: from the trigger on, "
		"dashed: before it",
		of);

	double height = lu_plot_waits_height(picture->plot);
	double keys = (double)KEY_HEIGHT * picture->curves->len;

	g_string_append(script, "set title ");
	lu_plot_quote(script, title);
	g_string_append_printf(script,
			       " font ',13'\nset logscale x 10\nset xrange [%.9g:%.9g]\n"
			       "set grid xtics\nset xlabel 'wait'\n"
			       "set lmargin at screen 0.15\nset rmargin at screen 0.965\n"
			       "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
			       "set key at screen 0.06,screen %.4f left top vertical Left reverse "
			       "samplen 2.5 maxcols 1 font ',11'\n",
			       picture->x_min, picture->x_max, 1 - TITLE_HEIGHT / height,
			       (AXIS_HEIGHT + keys) / height, (keys + KEY_HEIGHT / 2.0) / height);
	append_x_tics(script, picture);
	append_y_axis(script, picture);
}

/* Caller frees. */
static char *title_of(const struct curve *curve)
{
	const struct lu_waits *waits = curve->upgrade;
	g_autofree char *given_up =
		waits->unanswered ? g_strdup_printf(", %" G_GUINT64_FORMAT
						    " not answered (counted to their end)",
						    waits->unanswered)
				  : g_strdup("");

	return g_strdup_printf("%s: %u run%s, %" G_GUINT64_FORMAT " requests%s", curve->label,
			       waits->runs, waits->runs == 1 ? "" : "s", waits->requests, given_up);
}

static void append_curves(GString *script, const struct picture *picture)
{
	for (guint i = 0; i < picture->curves->len; i++) {
		const struct curve *curve = &g_array_index(picture->curves, struct curve, i);
		g_autofree char *title = title_of(curve);
		const char *colour = lu_plot_contrast(i);

		g_string_append_printf(script,
				       "%s$before%u using 1:2 with lines lw 1.4 dt 2 lc rgb '%s' "
				       "notitle, \\\n  $after%u using 1:2 with lines lw 2.2 lc rgb "
				       "'%s' title ",
				       i ? ", \\\n  " : "plot ", i, colour, i, colour);
		lu_plot_quote(script, title);
	}
	g_string_append_c(script, '\n');
}

static bool complain(const struct lu_plot_waits *plot, GError **error)
{
	if (plot->class)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--class: no run that counts has a histogram of waits of class \"%s\"",
			    plot->class);
	else
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE,
				    "no run that counts has a histogram of waits: a run that was "
				    "not good, suspect (--with-suspect) or of an earlier version "
				    "(show --recompute) has none");
	return false;
}

static bool fill(struct picture *picture, GError **error)
{
	json_t *group;
	size_t i;

	json_array_foreach(picture->plot->groups, i, group) add_curve(picture, group);
	if (!picture->curves->len)
		return complain(picture->plot, error);
	if (picture->curves->len <= MOST_GROUPS) {
		picture->x_min = pow(10, floor(log10(picture->x_min)));
		picture->x_max = pow(10, ceil(log10(picture->x_max)));
		return true;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%u groups of runs are too many to tell their curves apart: name up to %d",
		    picture->curves->len, MOST_GROUPS);
	return false;
}

bool lu_plot_waits(GString *script, const struct lu_plot_waits *plot, GError **error)
{
	struct picture picture = {plot, g_array_new(FALSE, FALSE, sizeof(struct curve)), INFINITY,
				  0, 1};
	bool filled;

	g_array_set_clear_func(picture.curves, curve_clear);
	filled = fill(&picture, error);
	for (guint i = 0; filled && i < picture.curves->len; i++) {
		const struct curve *curve = &g_array_index(picture.curves, struct curve, i);

		append_data(script, &picture, "before", i, curve->baseline);
		append_data(script, &picture, "after", i, curve->upgrade);
	}
	if (filled) {
		append_axes(script, &picture);
		append_curves(script, &picture);
	}
	g_array_unref(picture.curves);
	return filled;
}
