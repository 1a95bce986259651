/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs compared with the model of pre-copy, a row for each point. */
#include "bench/report/knee-table.h"
#include <math.h>

#define MEGABYTE 1e6

static const struct lu_column columns[] = {
	{"curve", ""},
	{"dirty_mb_s", "dirty MB/s", "MB/s"},
	{"good", "good"},
	{"total_s", "total s", "s", .interval = true},
	{"model_total_s", "model s", "s"},
	{"total_error", "error", "%"},
	{"blackout_s", "blackout s", "s", .interval = true},
	{"model_blackout_s", "model s", "s"},
	{"blackout_error", "error", "%"},
	{"downtime_s", "QEMU's downtime s", "s", .interval = true},
};

/* Missing when there is no figure to compare. */
static void add_error(struct lu_table *table, double measured, double model)
{
	double error = model > 0 ? 100 * (measured - model) / model : NAN;

	lu_table_add_number(table, error, "%+.0f %%", error);
}

static void add_figure(struct lu_table *table, const struct lu_knee_figure *figure)
{
	if (figure->high > figure->low)
		lu_table_add_interval(table, figure->median, figure->low, figure->high,
				      "%.3f [%.3f, %.3f]", figure->median, figure->low,
				      figure->high);
	else
		lu_table_add_number(table, figure->median, "%.3f", figure->median);
}

static void add_point(struct lu_table *table, const char *label, const struct lu_knee_point *point)
{
	g_autofree char *good = g_strdup_printf("%u of %u", point->good, point->runs);

	lu_table_add_row(table);
	lu_table_add_text(table, label);
	lu_table_add_number(table, point->dirty_mb_s, "%g", point->dirty_mb_s);
	lu_table_add_text(table, good);
	add_figure(table, &point->total);
	lu_table_add_number(table, point->model_total, "%.3f%s", point->model_total,
			    point->converges ? "" : " (forced)");
	add_error(table, point->total.median, point->model_total);
	add_figure(table, &point->blackout);
	lu_table_add_number(table, point->model_blackout, "%.3f", point->model_blackout);
	add_error(table, point->blackout.median, point->model_blackout);
	add_figure(table, &point->claimed);
}

struct lu_document *lu_knee_document(const struct lu_knee *knee)
{
	struct lu_document *document = lu_document_new("Migration over the dirty rate");
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint i = 0; i < knee->curves->len; i++) {
		const struct lu_knee_curve *curve = g_ptr_array_index(knee->curves, i);

		for (guint k = 0; k < curve->points->len; k++)
			add_point(table, curve->label,
				  &g_array_index(curve->points, struct lu_knee_point, k));
	}
	lu_document_add_paragraph(
		document, "Memory to migrate, from the runs with the lowest dirty rate: %.1f MB",
		knee->memory / MEGABYTE);
	lu_document_add_table(document, table);
	return document;
}
