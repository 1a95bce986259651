/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blackout over the size of the memory image: the points, and the lines through them. */
#include "bench/report/image-fit-table.h"
#include <math.h>
#include "record/stats.h"

#define MEGABYTE    1e6
#define MILLISECOND 1e6
#define SECOND	    1e9

static const struct lu_column point_columns[] = {
	{"flash", "flash"},
	{"form", "form"},
	{"image_mb", "image_mb"},
	{"flash_mb", "on flash, MB", "MB"},
	{"runs", "runs"},
	{"blackout_s", "blackout, s: median (least … most)", "s", .interval = true},
	{"stream_s", "stream, s", "s"},
	{"behind_flash_ms", "behind the modelled flash, ms", "ms"},
	{"brownout_s", "brownout, s", "s"},
};

static const struct lu_column line_columns[] = {
	{"flash", "flash"},
	{"form", "form"},
	{"offset_s", "a, s", "s"},
	{"slope_ms_mb", "ms for each MB", "ms/MB"},
	{"fitted_mb_s", "R, MB/s", "MB/s"},
	{"model_mb_s", "R of the modelled flash", "MB/s"},
	{"r2_medians", "R² of the medians"},
	{"r2_runs", "R² of single runs"},
};

static void add_range(struct lu_table *table, const struct lu_image_point *point)
{
	const GArray *values = point->figures[LU_IMAGE_BLACKOUT];
	double median = lu_image_median(point, LU_IMAGE_BLACKOUT) / SECOND;

	if (values->len < 2) {
		lu_table_add_number(table, median, "%.3f", median);
		return;
	}
	const double *ns = (const double *)(const void *)values->data;
	double low = lu_stats_quantile(ns, values->len, 0) / SECOND;
	double high = lu_stats_quantile(ns, values->len, 1) / SECOND;

	lu_table_add_interval(table, median, low, high, "%.3f (%.3f … %.3f)", median, low, high);
}

static void add_fixed(struct lu_table *table, double value, int digits)
{
	lu_table_add_number(table, value, "%.*f", digits, value);
}

static void add_point(struct lu_table *table, const struct lu_image_curve *curve,
		      const struct lu_image_point *point)
{
	lu_table_add_row(table);
	lu_table_add_text(table, curve->flash);
	lu_table_add_text(table, curve->form);
	add_fixed(table, point->asked_mb, 0);
	add_fixed(table, point->bytes / MEGABYTE, 1);
	add_fixed(table, point->figures[LU_IMAGE_BLACKOUT]->len, 0);
	add_range(table, point);
	add_fixed(table, lu_image_median(point, LU_IMAGE_STREAM) / SECOND, 3);
	add_fixed(table, lu_image_median(point, LU_IMAGE_BEHIND) / MILLISECOND, 0);
	add_fixed(table, lu_image_median(point, LU_IMAGE_BROWNOUT) / SECOND, 2);
}

static void add_line(struct lu_table *table, const struct lu_image_curve *curve)
{
	lu_table_add_row(table);
	lu_table_add_text(table, curve->flash);
	lu_table_add_text(table, curve->form);
	add_fixed(table, curve->medians.offset / SECOND, 3);
	/* ns per byte are ms per MB */
	add_fixed(table, curve->medians.slope, 3);
	add_fixed(table, 1e3 / curve->medians.slope, 1);
	add_fixed(table, curve->rate / MEGABYTE, 1);
	add_fixed(table, curve->medians.r2, 5);
	add_fixed(table, curve->singles.r2, 5);
}

static struct lu_table *table_new(const struct lu_column *columns, size_t n)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, n);
	return table;
}

struct lu_document *lu_image_fit_document(const struct lu_image_fit *fit)
{
	struct lu_document *document =
		lu_document_new("Blackout over the size of the memory image");
	struct lu_table *points = table_new(point_columns, G_N_ELEMENTS(point_columns));
	struct lu_table *lines = table_new(line_columns, G_N_ELEMENTS(line_columns));

	for (guint i = 0; i < fit->curves->len; i++) {
		const struct lu_image_curve *curve = g_ptr_array_index(fit->curves, i);

		for (guint k = 0; k < curve->points->len; k++)
			add_point(points, curve, g_ptr_array_index(curve->points, k));
		if (curve->fits)
			add_line(lines, curve);
	}
	lu_document_add_table(document, points);
	lu_document_add_table(document, lines);
	if (fit->bad)
		lu_document_add_paragraph(document, "%u runs that were not good are left out.",
					  fit->bad);
	return document;
}
