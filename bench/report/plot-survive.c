/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/plot-survive.h"
#include "bench/report/plot-script.h"

/* In pixels of the canvas. */
#define LINE	  18
#define SQUARE	  92 /* width of a column */
#define CHARACTER 7.0
#define TOP	  78
#define BOTTOM	  16
#define RIGHT	  16
#define LEAST	  620 /* the legend's width */

/* A sign, too, so that colours need not be told apart. */
static const struct {
	const char *colour, *sign, *ink;
} styles[LU_FATES] = {
	[LU_FATE_NOT_TRIED] = {"#FFFFFF", "", LU_PLOT_INK},
	[LU_FATE_NONE] = {"#E6E6E6", "–", "#606060"},
	[LU_FATE_SURVIVED] = {"#B5DDC9", "✓", LU_PLOT_INK},
	[LU_FATE_REFUSED] = {"#F6E3A1", "refused", LU_PLOT_INK},
	[LU_FATE_LOST_TOLD] = {"#F0B27A", "lost, told", LU_PLOT_INK},
	[LU_FATE_HARMED] = {"#CC79A7", "harmed", "#FFFFFF"},
	[LU_FATE_LOST_SILENTLY] = {LU_PLOT_RED, "LOST", "#FFFFFF"},
};

struct picture {
	GString *script;
	const struct lu_survive *survive;
	double left, width, height;
};

static const struct lu_survive_row *row_at(const struct picture *picture, guint i)
{
	return picture->survive->rows->pdata[i];
}

static const char *label_of(const struct lu_survive_row *row)
{
	return row->title ?: row->name;
}

static void measure(struct picture *picture)
{
	double longest = 0;

	for (guint r = 0; r < picture->survive->rows->len; r++)
		longest = MAX(longest, (double)g_utf8_strlen(label_of(row_at(picture, r)), -1));
	picture->left = 24 + CHARACTER * longest;
	picture->width =
		MAX(picture->left + picture->survive->columns->len * SQUARE + RIGHT, LEAST);
	picture->height = TOP + picture->survive->rows->len * LINE + BOTTOM;
}

static void append_label(GString *script, const char *text, const char *place, const char *rest)
{
	g_string_append(script, "set label ");
	lu_plot_quote(script, text);
	g_string_append_printf(script, " at %s %s\n", place, rest);
}

static void append_square(const struct picture *picture, guint column, guint row, enum lu_fate fate)
{
	g_autofree char *place = g_strdup_printf("first %u,%u", column, row);
	g_autofree char *ink =
		g_strdup_printf("center front font ',9' textcolor rgb '%s'", styles[fate].ink);

	g_string_append_printf(picture->script,
			       "set object rectangle from first %.2f,%.2f to first %.2f,%.2f "
			       "fillcolor rgb '%s' fillstyle solid noborder\n",
			       column - 0.48, row - 0.46, column + 0.48, row + 0.46,
			       styles[fate].colour);
	if (*styles[fate].sign)
		append_label(picture->script, styles[fate].sign, place, ink);
}

static void append_legend(const struct picture *picture)
{
	double x = 24 + CHARACTER * 2;

	for (int fate = LU_FATE_SURVIVED; fate < LU_FATES; fate++) {
		g_autofree char *place =
			g_strdup_printf("screen %.4f,screen %.4f", (x + 16) / picture->width,
					1 - 40 / picture->height);

		g_string_append_printf(
			picture->script,
			"set object rectangle from screen %.4f,screen %.4f to screen "
			"%.4f,screen %.4f fillcolor rgb '%s' fillstyle solid noborder\n",
			x / picture->width, 1 - 46 / picture->height, (x + 12) / picture->width,
			1 - 34 / picture->height, styles[fate].colour);
		append_label(picture->script, lu_fate_name((enum lu_fate)fate), place,
			     "left font ',10'");
		x += 40 + CHARACTER * (double)g_utf8_strlen(lu_fate_name((enum lu_fate)fate), -1);
	}
}

static void append_axes(const struct picture *picture)
{
	const struct lu_survive *survive = picture->survive;

	g_string_append_printf(
		picture->script,
		"set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen "
		"%.4f\nset bmargin at screen %.4f\n",
		picture->left / picture->width,
		(picture->left + survive->columns->len * SQUARE) / picture->width,
		1 - TOP / picture->height, BOTTOM / picture->height);
	g_string_append_printf(
		picture->script,
		"unset key\nunset border\nset xrange [-0.5:%u.5]\nset yrange "
		"[%u.5:-0.5]\nunset xtics\nset x2range [-0.5:%u.5]\nset ytics scale 0 "
		"font ',10' (",
		survive->columns->len - 1, survive->rows->len - 1, survive->columns->len - 1);
	for (guint r = 0; r < survive->rows->len; r++) {
		g_string_append(picture->script, r ? ", " : "");
		lu_plot_quote(picture->script, label_of(row_at(picture, r)));
		g_string_append_printf(picture->script, " %u", r);
	}
	g_string_append(picture->script, ")\nset x2tics scale 0 offset 0,-0.5 font ',11' (");
	for (guint c = 0; c < survive->columns->len; c++) {
		const struct lu_survive_column *column = survive->columns->pdata[c];

		g_string_append(picture->script, c ? ", " : "");
		lu_plot_quote(picture->script, column->title);
		g_string_append_printf(picture->script, " %u", c);
	}
	g_string_append(picture->script, ")\n");
}

bool lu_plot_survive_script(GString *script, const struct lu_survive *survive, const char *path,
			    GError **error)
{
	struct picture picture = {.script = script, .survive = survive};
	g_autofree char *title = NULL;

	measure(&picture);
	if (!lu_plot_begin(script, path, (unsigned)picture.width, (unsigned)picture.height, error))
		return false;
	title = g_strdup_printf("screen %.4f,screen %.4f", 24 / picture.width,
				1 - 18 / picture.height);
	append_axes(&picture);
	append_label(script, "What survives an upgrade", title, "left font ',15'");
	append_legend(&picture);
	for (guint r = 0; r < survive->rows->len; r++)
		for (guint c = 0; c < survive->columns->len; c++)
			append_square(&picture, c, r, row_at(&picture, r)->cells[c].fate);
	g_string_append(script, "plot NaN notitle\n");
	return true;
}

bool lu_plot_survive(const struct lu_survive *survive, const char *path, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);

	return lu_plot_survive_script(script, survive, path, error) &&
	       lu_plot_render(script, path, error);
}
