/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results in a sweep's folder. */
#include "bench/cli.h"
#include "bench/exec/kit/sweep-order.h"
#include "bench/exec/kit/sweep-record.h"

static json_t *load_result(const char *dir, const json_t *row, GError **error)
{
	/* A file name from a record must not lead out of the folder. */
	g_autofree char *base = g_path_get_basename(lu_cli_get_str(row, "file"));
	g_autofree char *path = g_build_filename(dir, base, NULL);

	return lu_result_load(path, error);
}

/* What a row names but is not there, or no result, costs that run only. */
static void add_named(json_t *results, const char *dir, const json_t *rows)
{
	size_t i, lost = 0;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		g_autoptr(GError) why = NULL;
		json_t *result = load_result(dir, row, &why);

		if (result) {
			json_array_append_new(results, result);
			continue;
		}
		g_printerr("%s: left out: %s\n", g_get_prgname(), why->message);
		lost++;
	}
	if (lost)
		g_printerr("%s: %zu of %zu results are damaged or missing; lubench sweep --resume "
			   "runs them again\n",
			   g_get_prgname(), lost, json_array_size(rows));
}

/* Those whose row was lost count like in the folder. */
static void add_unnamed(json_t *results, const char *dir, json_t *rows)
{
	const struct lu_sweep_record record = {.dir = (char *)dir, .rows = rows};
	g_autoptr(GPtrArray) paths = lu_sweep_record_unnamed(&record);

	for (guint i = 0; i < paths->len; i++) {
		json_t *result = lu_result_load(paths->pdata[i], NULL);

		if (result)
			json_array_append_new(results, result);
	}
}

json_t *lu_sweep_record_results(const char *dir, GError **error)
{
	json_t *rows = lu_sweep_record_rows(dir, error), *results;

	if (!rows)
		return NULL;
	json_auto_t *ordered = lu_sweep_order_rows(rows);

	results = json_array();
	add_named(results, dir, ordered);
	add_unnamed(results, dir, rows);
	json_decref(rows);
	return results;
}

void lu_sweep_record_order(const char *dir, GPtrArray *paths)
{
	g_autofree char *path = g_build_filename(dir, LU_SWEEP_RECORD, NULL), *text = NULL;
	size_t whole;
	gsize len;

	if (!g_file_get_contents(path, &text, &len, NULL))
		return;
	/* A damaged line costs no run, so it is not worth a word here. */
	json_auto_t *rows = lu_sweep_record_parse(text, len, NULL, NULL, &whole);

	lu_sweep_order_paths(paths, rows);
}
