/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as a matrix. */
#include "bench/report/matrix.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/label.h"
#include "bench/report/matrix-cell.h"
#include "record/error.h"
#include "record/stats.h"

struct matrix {
	json_t *groups;
	GPtrArray *rows, *columns; /* labels, sorted */
	GHashTable *at;		   /* "row\ncolumn" → group */
};

static int by_version(gconstpointer a, gconstpointer b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_once(GPtrArray *labels, const char *label)
{
	if (!g_ptr_array_find_with_equal_func(labels, label, g_str_equal, NULL))
		g_ptr_array_add(labels, g_strdup(label));
}

/* Two groups that differ in nothing that labels say are two rows all the same. Caller frees. */
static char *free_row(const struct matrix *matrix, const char *row, const char *column)
{
	g_autofree char *name = g_strdup(row);

	for (unsigned n = 2;; n++) {
		g_autofree char *key = g_strconcat(name, "\n", column, NULL);

		if (!g_hash_table_contains(matrix->at, key))
			return g_steal_pointer(&name);
		g_free(name);
		name = g_strdup_printf("%s #%u", row, n);
	}
}

static void place(struct matrix *matrix, const struct lu_labels *labels, json_t *group)
{
	const json_t *alike = json_object_get(group, "alike");
	g_autofree char *label = lu_label(labels, alike, LU_LABEL_STRATEGY);
	g_autofree char *column = lu_label(labels, alike, LU_LABEL_WORKLOAD);
	g_autofree char *row = free_row(matrix, label, column);

	add_once(matrix->rows, row);
	add_once(matrix->columns, column);
	g_hash_table_insert(matrix->at, g_strconcat(row, "\n", column, NULL), group);
}

static void matrix_init(struct matrix *matrix, const json_t *results, bool with_suspect)
{
	json_t *each;
	size_t i;

	*matrix = (struct matrix){
		.groups = lu_group_alike(results, with_suspect),
		.rows = g_ptr_array_new_with_free_func(g_free),
		.columns = g_ptr_array_new_with_free_func(g_free),
		.at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	json_t *descriptions = lu_group_descriptions(matrix->groups);
	struct lu_labels *labels = lu_labels_new(descriptions);

	json_array_foreach(matrix->groups, i, each) place(matrix, labels, each);
	lu_labels_free(labels);
	json_decref(descriptions);
	g_ptr_array_sort(matrix->rows, by_version);
	g_ptr_array_sort(matrix->columns, by_version);
}

static void matrix_clear(struct matrix *matrix)
{
	json_decref(matrix->groups);
	g_ptr_array_unref(matrix->rows);
	g_ptr_array_unref(matrix->columns);
	g_hash_table_unref(matrix->at);
}

static const json_t *group_at(const struct matrix *matrix, const char *row, const char *column)
{
	g_autofree char *key = g_strconcat(row, "\n", column, NULL);

	return g_hash_table_lookup(matrix->at, key);
}

static double median_of(const json_t *group, const char *metric)
{
	const json_t *stats = group ? lu_group_stats(group, metric) : NULL;

	return stats ? json_number_value(json_object_get(stats, "median")) : NAN;
}

/* The group that the others of a column are compared with. */
static const json_t *reference(const struct matrix *matrix, const char *column, const char *metric,
			       const char *baseline)
{
	const json_t *best = NULL;

	if (baseline)
		return group_at(matrix, baseline, column);
	for (guint i = 0; i < matrix->rows->len; i++) {
		const json_t *group = group_at(matrix, g_ptr_array_index(matrix->rows, i), column);
		double median = median_of(group, metric);

		/* A bound cannot be the least. */
		if (group && lu_group_censored(lu_group_stats(group, metric), "median"))
			continue;
		if (median > 0 && (!best || median < median_of(best, metric)))
			best = group;
	}
	return best;
}

static void add_comparison(json_t *stats, const json_t *base, const json_t *group,
			   const char *metric)
{
	json_t *against = base ? lu_group_against(base, group, metric) : NULL;

	json_object_set_new(stats, "ratio", json_null());
	json_object_set_new(stats, "p", json_null());
	if (against)
		json_object_set(stats, "ratio", json_object_get(against, "ratio"));
	if (against && base != group)
		json_object_set(stats, "p", json_object_get(against, "p"));
	json_decref(against);
}

static json_t *make_cell(const struct matrix *matrix, const char *row, const char *column,
			 const char *const *metrics, const char *baseline)
{
	const json_t *group = group_at(matrix, row, column);

	if (!group)
		return json_null();
	json_t *cell = lu_matrix_cell_new(group, metrics), *stats;
	const char *metric;

	json_object_foreach(json_object_get(cell, "metrics"), metric, stats)
		add_comparison(stats, reference(matrix, column, metric, baseline), group, metric);
	return cell;
}

static json_t *make_row(const struct matrix *matrix, const char *row, const char *const *metrics,
			const char *baseline)
{
	json_t *cells = json_array();

	for (guint i = 0; i < matrix->columns->len; i++)
		json_array_append_new(cells,
				      make_cell(matrix, row, g_ptr_array_index(matrix->columns, i),
						metrics, baseline));
	return json_pack("{s:s, s:o}", "label", row, "cells", cells);
}

struct standing {
	const char *row; /* borrowed */
	double median;	 /* INFINITY: no good run at all */
};

static struct standing standing_of(const struct matrix *matrix, const char *row, const char *metric)
{
	g_autofree double *medians = g_new(double, matrix->columns->len);
	size_t n = 0;

	for (guint i = 0; i < matrix->columns->len; i++) {
		double median = median_of(
			group_at(matrix, row, g_ptr_array_index(matrix->columns, i)), metric);

		if (!isnan(median))
			medians[n++] = median;
	}
	return (struct standing){row, n ? lu_stats_median(medians, n) : INFINITY};
}

static int by_standing(gconstpointer a, gconstpointer b)
{
	const struct standing *x = a, *y = b;

	if (x->median != y->median)
		return x->median < y->median ? -1 : 1;
	return strverscmp(x->row, y->row);
}

static json_t *make_rows(const struct matrix *matrix, const char *const *metrics,
			 const char *baseline)
{
	g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(struct standing));
	json_t *rows = json_array();

	for (guint i = 0; i < matrix->rows->len; i++) {
		struct standing standing =
			standing_of(matrix, g_ptr_array_index(matrix->rows, i), metrics[0]);

		g_array_append_val(order, standing);
	}
	g_array_sort(order, by_standing);
	for (guint i = 0; i < order->len; i++)
		json_array_append_new(rows,
				      make_row(matrix, g_array_index(order, struct standing, i).row,
					       metrics, baseline));
	return rows;
}

static json_t *strings(const GPtrArray *labels)
{
	json_t *list = json_array();

	for (guint i = 0; i < labels->len; i++)
		json_array_append_new(list, json_string(g_ptr_array_index(labels, i)));
	return list;
}

/* Finds a row by its label or an unambiguous beginning of it. */
static const char *find_row(const struct matrix *matrix, const char *given, GError **error)
{
	const char *found = NULL;
	unsigned matches = 0;

	for (guint i = 0; i < matrix->rows->len; i++) {
		const char *row = g_ptr_array_index(matrix->rows, i);

		if (strcmp(row, given) == 0)
			return row;
		if (g_str_has_prefix(row, given)) {
			found = row;
			matches++;
		}
	}
	if (matches == 1)
		return found;
	g_ptr_array_add(matrix->rows, NULL);
	g_autofree char *all = g_strjoinv(", ", (char **)matrix->rows->pdata);

	g_ptr_array_remove_index(matrix->rows, matrix->rows->len - 1);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--baseline: \"%s\" is %s; allowed: %s", given,
		    matches ? "several rows" : "no row", all);
	return NULL;
}

json_t *lu_matrix_new(const json_t *results, const char *const *metrics, const char *baseline,
		      bool with_suspect, GError **error)
{
	struct matrix matrix;
	json_t *doc = NULL, *names = json_array();
	const char *row = NULL;

	matrix_init(&matrix, results, with_suspect);
	for (const char *const *name = metrics; *name; name++)
		json_array_append_new(names, json_string(*name));
	if (baseline)
		row = find_row(&matrix, baseline, error);
	if (row || !baseline)
		doc = json_pack("{s:O, s:s?, s:o, s:o}", "metrics", names, "baseline", row,
				"columns", strings(matrix.columns), "rows",
				make_rows(&matrix, metrics, row));
	json_decref(names);
	matrix_clear(&matrix);
	return doc;
}
