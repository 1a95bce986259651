/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Migrate over the dirty rate as a picture: two panels with one axis. */
#include "bench/report/plot-knee.h"
#include <math.h>
#include "bench/report/plot-script.h"

#define STEPS	 400
#define LEFT	 0.095
#define RIGHT	 0.72
#define MEGABYTE 1e6

static const struct lu_knee_curve *curve_at(const struct lu_knee *knee, guint i)
{
	return g_ptr_array_index(knee->curves, i);
}

static double most_rate(const struct lu_knee *knee)
{
	double most = 1;

	for (guint i = 0; i < knee->curves->len; i++) {
		const GArray *points = curve_at(knee, i)->points;

		most = fmax(
			most,
			g_array_index(points, struct lu_knee_point, points->len - 1).dirty_mb_s);
	}
	return most * 1.04;
}

static void append_figure(GString *script, const struct lu_knee_figure *figure)
{
	g_string_append_printf(script, " %.6f %.6f %.6f", figure->median, figure->low,
			       figure->high);
}

/* rate, then median, low, high of total, blackout and claim. */
static void append_points(GString *script, const struct lu_knee_curve *curve, guint index)
{
	g_string_append_printf(script, "$points%u << EOD\n", index);
	for (guint i = 0; i < curve->points->len; i++) {
		const struct lu_knee_point *point =
			&g_array_index(curve->points, struct lu_knee_point, i);

		if (!point->good)
			continue;
		g_string_append_printf(script, "%g", point->dirty_mb_s);
		append_figure(script, &point->total);
		append_figure(script, &point->blackout);
		append_figure(script, &point->claimed);
		g_string_append_c(script, '\n');
	}
	g_string_append(script, "EOD\n");
}

static void append_model(GString *script, const struct lu_knee_curve *curve, guint index,
			 double most)
{
	g_string_append_printf(script, "$model%u << EOD\n", index);
	for (int i = 0; i <= STEPS; i++) {
		double rate = most * i / STEPS, total, blackout;

		lu_knee_model(curve, rate, &total, &blackout);
		g_string_append_printf(script, "%.4f %.6f %.6f\n", rate, total, blackout);
	}
	g_string_append(script, "EOD\n");
}

/* A panel plots its column of each curve: lines below dots. */
static void append_curves(GString *script, const struct lu_knee *knee, int model_column,
			  int point_column, bool titles)
{
	const char *separator = "plot ";

	for (guint i = 0; i < knee->curves->len; i++) {
		g_string_append_printf(script,
				       "%s$model%u using 1:%d with lines lw 1.6 lc rgb '%s' ",
				       separator, i, model_column, lu_plot_contrast(i));
		g_string_append(script, "notitle, \\\n  ");
		g_string_append_printf(
			script,
			"$points%u using 1:%d:%d:%d with yerrorbars pt 7 ps 0.9 lw 1.6 "
			"lc rgb '%s' ",
			i, point_column, point_column + 1, point_column + 2, lu_plot_contrast(i));
		if (titles) {
			g_string_append(script, "title ");
			lu_plot_quote(script, curve_at(knee, i)->label);
		} else {
			g_string_append(script, "notitle");
		}
		separator = ", \\\n  ";
	}
}

static void append_knee(GString *script, const struct lu_knee *knee, bool label)
{
	double at = knee->bandwidth / MEGABYTE;

	g_string_append(script, "unset arrow\nunset label\n");
	if (at <= 0)
		return;
	g_string_append_printf(script,
			       "set arrow from first %g,graph 0 to first %g,graph 1 nohead dt 2 lw "
			       "1.2 lc rgb '" LU_PLOT_GREY "' back\n",
			       at, at);
	if (label)
		g_string_append_printf(
			script,
			"set label 'dirty rate = bandwidth, %g MB/s' at first %g,graph 1.03 center "
			"font ',11' textcolor rgb '#505050'\n",
			at, at);
}

static void append_panel(GString *script, double top, double bottom, const char *title)
{
	g_string_append_printf(script,
			       "set tmargin at screen %.3f\nset bmargin at screen %.3f\n"
			       "set ylabel '%s' offset 1,0\n",
			       top, bottom, title);
}

/* Legend entries common to all curves. */
static void append_common_keys(GString *script)
{
	g_string_append(
		script,
		", \\\n  NaN with points pt 7 ps 0.9 lc rgb '#505050' title 'dots: measured, "
		"median' , \\\n  NaN with lines lw 1.6 lc rgb '#505050' title 'lines: the "
		"model of pre-copy'\n");
}

static void append_claims(GString *script, const struct lu_knee *knee)
{
	for (guint i = 0; i < knee->curves->len; i++)
		g_string_append_printf(script,
				       ", \\\n  $points%u using 1:8 with points pt 8 ps 1.1 lw 1.3 "
				       "lc rgb '%s' %s",
				       i, lu_plot_contrast(i),
				       i ? "notitle" : "title 'downtime that QEMU claims'");
	g_string_append_c(script, '\n');
}

void lu_plot_knee(GString *script, const struct lu_knee *knee)
{
	double most = most_rate(knee);

	for (guint i = 0; i < knee->curves->len; i++) {
		append_points(script, curve_at(knee, i), i);
		append_model(script, curve_at(knee, i), i, most);
	}
	g_string_append_printf(script,
			       "set multiplot\nset lmargin at screen %.3f\nset rmargin at screen "
			       "%.3f\nset xrange [0:%g]\nset key at screen 0.985,screen 0.93 right "
			       "top vertical Left reverse samplen 1.4 spacing 1.35 font ',11'\n",
			       LEFT, RIGHT, most);
	append_panel(script, 0.94, 0.55, "total time, s");
	append_knee(script, knee, true);
	g_string_append(script, "set yrange [0:*]\nset format x ''\n");
	append_curves(script, knee, 2, 2, true);
	append_common_keys(script);
	append_panel(script, 0.50, 0.095, "blackout, s");
	append_knee(script, knee, false);
	g_string_append(
		script,
		"set format x '%g'\nset xlabel 'rate at which the service writes its memory, "
		"MB/s'\n"
		"set key at screen 0.985,screen 0.49\nset logscale y\nset yrange [0.001:*]\n");
	append_curves(script, knee, 3, 5, false);
	append_claims(script, knee);
	g_string_append(script, "unset multiplot\n");
}
