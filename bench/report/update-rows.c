/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of the catalogue's updates, a row for each update. */
#include "bench/report/update-rows.h"
#include <string.h>
#include "bench/cli.h"

static void row_free(gpointer data)
{
	struct lu_update_row *row = data;

	for (int m = 0; m < LU_MECHANISMS; m++)
		lu_update_cell_clear(&row->cells[m]);
	g_free(row->name);
	g_free(row->title);
	g_free(row);
}

static struct lu_update_row *row_of(GPtrArray *rows, const char *name)
{
	struct lu_update_row *row;

	for (guint i = 0; i < rows->len; i++) {
		row = rows->pdata[i];
		if (g_str_equal(row->name, name))
			return row;
	}
	row = g_new0(struct lu_update_row, 1);
	row->name = g_strdup(name);
	for (int m = 0; m < LU_MECHANISMS; m++)
		row->cells[m].took_ns = -1;
	g_ptr_array_add(rows, row);
	return row;
}

/* A run without a guest does not have the title. */
static void take_title(struct lu_update_row *row, const json_t *result)
{
	const char *title = json_string_value(lu_cli_get(result, "environment.workload.title"));

	if (!row->title)
		row->title = g_strdup(title);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	const struct lu_update_row *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

GPtrArray *lu_update_rows(const json_t *results)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		enum lu_mechanism mechanism;
		struct lu_update_row *row;
		bool back;

		if (!lu_update_cell_find(result, &mechanism, &back))
			continue;
		row = row_of(rows, lu_cli_get_str(result, "plan.workload_params.update"));
		take_title(row, result);
		lu_update_cell_add(&row->cells[mechanism], mechanism, back, result);
	}
	g_ptr_array_sort(rows, by_name);
	return rows;
}
