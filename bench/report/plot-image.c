/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/plot-image.h"
#include <string.h>
#include "bench/report/plot-script.h"

#define SECOND	 1e9
#define MEBIBYTE 1048576.0
#define LEFT	 0.075
#define RIGHT	 0.985
#define GAP	 0.06

enum { WIDTH = 1180, HEIGHT = 470 };

/* Colour and symbol of each form, the same in all panels. */
static const struct style {
	const char *form, *colour, *title;
	unsigned mark;
	double place; /* in the legend */
} styles[] = {
	{"raw", "#0072B2", "raw, without zero and duplicate pages", 7, 0.04},
	{"whole", "#D55E00", "whole: every page of memory", 5, 0.265},
	{"zstd", "#009E73", "zstd", 9, 0.465},
	{"lazy", "#CC79A7", "lazy: runs before its memory is loaded", 13, 0.53},
	{"ahead", "#505050", "ahead: a second bank of memory", 11, 0.78},
};

static const struct style *style_of(const char *form)
{
	static const struct style other = {NULL, "#E69F00", "another form", 4, 0};

	for (size_t i = 0; i < G_N_ELEMENTS(styles); i++)
		if (!strcmp(styles[i].form, form))
			return &styles[i];
	return &other;
}

static const struct lu_image_curve *curve_at(const struct lu_image_fit *fit, guint i)
{
	return g_ptr_array_index(fit->curves, i);
}

static void append_range(GString *script, const GArray *values)
{
	double low = g_array_index(values, double, 0), high = low;

	for (guint i = 1; i < values->len; i++) {
		low = MIN(low, g_array_index(values, double, i));
		high = MAX(high, g_array_index(values, double, i));
	}
	g_string_append_printf(script, " %.6f %.6f\n", low / SECOND, high / SECOND);
}

/* requested size, MiB; median, least, most, s */
static void append_points(GString *script, const struct lu_image_curve *curve, guint index)
{
	g_string_append_printf(script, "$points%u << EOD\n", index);
	for (guint i = 0; i < curve->points->len; i++) {
		const struct lu_image_point *point = g_ptr_array_index(curve->points, i);

		g_string_append_printf(script, "%u %.6f", point->asked_mb,
				       lu_image_median(point, LU_IMAGE_BLACKOUT) / SECOND);
		append_range(script, point->figures[LU_IMAGE_BLACKOUT]);
	}
	g_string_append(script, "EOD\n");
}

static void append_curve(GString *script, const struct lu_image_curve *curve, guint index,
			 bool first)
{
	const struct style *style = style_of(curve->form);

	g_string_append_printf(script,
			       "%s$points%u using 1:2:3:4 with yerrorbars pt %u ps 0.9 lw 1.4 lc "
			       "rgb '%s' notitle, $points%u using 1:2 with lines lw 0.8 dt 3 lc "
			       "rgb '%s' notitle",
			       first ? "plot " : ", \\\n  ", index, style->mark, style->colour,
			       index, style->colour);
	if (curve->fits && !strcmp(curve->form, "raw"))
		g_string_append_printf(script,
				       ", \\\n  %.6f + x * %.9f with lines lw 1.8 lc rgb "
				       "'%s' notitle",
				       curve->medians.offset / SECOND,
				       curve->medians.slope * MEBIBYTE / SECOND, style->colour);
}

static void append_equation(GString *script, const struct lu_image_curve *curve)
{
	g_string_append(script, "set label 1 ");
	if (curve->fits)
		g_string_append_printf(script,
				       "\"raw: %.2f s + V / (%.1f MB/s)\\nR² = %.4f of medians\" ",
				       curve->medians.offset / SECOND, 1e3 / curve->medians.slope,
				       curve->medians.r2);
	else
		g_string_append(script, "'' ");
	g_string_append(script, "at graph 0.04,0.93 left front font ',11'\n");
}

static guint panels(const struct lu_image_fit *fit)
{
	guint count = 0;

	for (guint i = 0; i < fit->curves->len; i++)
		count += !i || strcmp(curve_at(fit, i)->flash, curve_at(fit, i - 1)->flash) != 0;
	return count;
}

static void begin_panel(GString *script, const struct lu_image_curve *curve, guint number,
			guint count)
{
	double width = (RIGHT - LEFT - GAP * (count - 1)) / count;
	double left = LEFT + number * (width + GAP);

	g_string_append_printf(script,
			       "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset title ",
			       left, left + width);
	lu_plot_quote(script, curve->flash);
	g_string_append_printf(script, "\nset ylabel '%s'\nunset label 1\n",
			       number ? "" : "blackout, s");
}

/* One legend under all panels. */
static void append_keys(GString *script)
{
	for (size_t i = 0; i < G_N_ELEMENTS(styles); i++) {
		g_string_append_printf(script, "set label %zu ", i + 2);
		lu_plot_quote(script, styles[i].title);
		g_string_append_printf(script,
				       " at screen %.3f,screen 0.04 left point pt %u ps 1 lc rgb "
				       "'%s' offset 1.2,0 font ',11'\n",
				       styles[i].place, styles[i].mark, styles[i].colour);
	}
}

static void append_panels(GString *script, const struct lu_image_fit *fit)
{
	guint number = 0, count = panels(fit);

	for (guint i = 0; i < fit->curves->len; number++) {
		const char *flash = curve_at(fit, i)->flash;
		guint end = i;

		begin_panel(script, curve_at(fit, i), number, count);
		for (; end < fit->curves->len && !strcmp(curve_at(fit, end)->flash, flash); end++)
			if (!strcmp(curve_at(fit, end)->form, "raw"))
				append_equation(script, curve_at(fit, end));
		for (guint j = i; j < end; j++)
			append_curve(script, curve_at(fit, j), j, j == i);
		g_string_append(script, "\nunset label\n"); /* the legend is drawn once */
		i = end;
	}
}

bool lu_plot_image(const struct lu_image_fit *fit, const char *path, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);

	if (!lu_plot_begin(script, path, WIDTH, HEIGHT, error))
		return false;
	for (guint i = 0; i < fit->curves->len; i++)
		append_points(script, curve_at(fit, i), i);
	g_string_append(script, "set multiplot\nset tmargin at screen 0.91\nset bmargin at screen "
				"0.23\nset xrange [0:*]\nset yrange [0:*]\nset xlabel 'image_mb'\n"
				"unset key\n");
	append_keys(script);
	append_panels(script, fit);
	g_string_append(script, "unset multiplot\n");
	return lu_plot_render(script, path, error);
}
