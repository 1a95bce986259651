/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/faults.h"
#include <string.h>
#include "bench/cli.h"
#include "model/strategy.h"

static void row_free(gpointer data)
{
	struct lu_faults_row *row = data;

	g_free(row->kind);
	g_free(row->phase);
	g_free(row->cells); /* cleared by lu_faults_free, which knows how many there are */
	g_free(row);
}

static bool has_fault(const json_t *result)
{
	return json_is_object(lu_cli_get(result, "plan.fault"));
}

/* A safeguard that was taken away is named. Caller frees. */
static char *column_of(const json_t *result)
{
	const char *strategy = lu_cli_get_str(result, "plan.strategy");
	const json_t *manifest = lu_cli_get(result, "plan.strategy_params.manifest");

	return g_strconcat(strategy, json_is_false(manifest) ? ", no manifest" : "", NULL);
}

static guint place_of(GPtrArray *columns, const char *title)
{
	guint at = 0;

	if (!g_ptr_array_find_with_equal_func(columns, title, g_str_equal, &at)) {
		at = columns->len;
		g_ptr_array_add(columns, g_strdup(title));
	}
	return at;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int phase_place(const char *phase)
{
	int kind = LU_PREPARE;

	while (kind < LU_PHASE_KINDS && strcmp(phase, lu_phase_kind_name((enum lu_phase_kind)kind)))
		kind++;
	return kind;
}

static int by_kind(gconstpointer a, gconstpointer b)
{
	const struct lu_faults_row *one = *(struct lu_faults_row *const *)a;
	const struct lu_faults_row *other = *(struct lu_faults_row *const *)b;
	int order = strcmp(one->kind, other->kind);

	return order ?: phase_place(one->phase) - phase_place(other->phase);
}

static struct lu_faults_row *row_of(struct lu_faults *faults, const json_t *result)
{
	const char *kind = lu_cli_get_str(result, "plan.fault.kind");
	const char *phase = lu_cli_get_str(result, "plan.fault.phase");
	struct lu_faults_row *row;

	for (guint i = 0; i < faults->rows->len; i++) {
		row = faults->rows->pdata[i];
		if (g_str_equal(row->kind, kind) && g_str_equal(row->phase, phase))
			return row;
	}
	row = g_new0(struct lu_faults_row, 1);
	row->kind = g_strdup(kind);
	row->phase = g_strdup(phase);
	row->cells = g_new0(struct lu_fault_cell, faults->columns->len);
	g_ptr_array_add(faults->rows, row);
	return row;
}

struct lu_faults *lu_faults_new(const json_t *results)
{
	struct lu_faults *faults = g_new0(struct lu_faults, 1);
	json_t *result;
	size_t i;

	faults->columns = g_ptr_array_new_with_free_func(g_free);
	faults->rows = g_ptr_array_new_with_free_func(row_free);
	json_array_foreach(results, i, result)
	{
		g_autofree char *title = has_fault(result) ? column_of(result) : NULL;

		if (title)
			place_of(faults->columns, title);
	}
	g_ptr_array_sort(faults->columns, by_text);
	json_array_foreach(results, i, result)
	{
		g_autofree char *title = has_fault(result) ? column_of(result) : NULL;

		if (title)
			lu_fault_cell_add(
				&row_of(faults, result)->cells[place_of(faults->columns, title)],
				result);
	}
	g_ptr_array_sort(faults->rows, by_kind);
	return faults;
}

void lu_faults_free(struct lu_faults *faults)
{
	for (guint r = 0; r < faults->rows->len; r++) {
		struct lu_faults_row *row = faults->rows->pdata[r];

		for (guint c = 0; c < faults->columns->len; c++)
			lu_fault_cell_clear(&row->cells[c]);
	}
	g_ptr_array_unref(faults->rows);
	g_ptr_array_unref(faults->columns);
	g_free(faults);
}
