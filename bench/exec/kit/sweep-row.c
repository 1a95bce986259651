/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a sweep's record. */
#include "bench/exec/kit/sweep-row.h"
#include <errno.h>
#include <glib/gstdio.h>
#include "bench/cli.h"

json_t *lu_sweep_row(const struct lu_sweep_case *one, const json_t *result, const char *path,
		     int64_t us)
{
	g_autofree char *file = g_path_get_basename(path);

	return json_pack(
		"{s:s, s:s, s:I, s:i, s:i, s:O, s:O, s:b, s:o, s:s}", "type", "row", "hash",
		one->plan->hash, "seed", (json_int_t)one->plan->seed, "repeat", (int)one->repeat,
		"combination", (int)one->combination, "outcome", json_object_get(result, "outcome"),
		"reason", json_object_get(result, "reason"), "good", lu_result_good(result),
		"seconds", us < 0 ? json_null() : json_real((double)us / 1e6), "file", file);
}

const struct lu_sweep_case *lu_sweep_case_of(const struct lu_sweep *sweep, const char *hash)
{
	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_sweep_case *one = g_ptr_array_index(sweep->cases, i);

		if (g_str_equal(one->plan->hash, hash))
			return one;
	}
	return NULL;
}

/* Out of the way of whoever reads the folder, but not gone. */
static void put_aside(const char *path)
{
	g_autofree char *aside = g_strconcat(path, ".damaged", NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS) && g_rename(path, aside) != 0)
		g_printerr("%s: %s: %s\n", g_get_prgname(), path, g_strerror(errno));
}

/* The row's result cannot be read, or is another plan's. */
static bool is_lost(const struct lu_sweep_record *record, const json_t *row)
{
	g_autofree char *base = g_path_get_basename(lu_cli_get_str(row, "file"));
	g_autofree char *path = g_build_filename(record->dir, base, NULL);
	g_autoptr(GError) why = NULL;
	json_t *result = lu_result_load(path, &why);
	bool own = g_str_equal(lu_cli_get_str(result, "plan_hash"), lu_cli_get_str(row, "hash"));

	json_decref(result);
	if (result && own)
		return false;
	g_printerr("%s: run again: %s\n", g_get_prgname(),
		   why ? why->message : "the result is another plan's");
	if (!result)
		put_aside(path);
	return true;
}

void lu_sweep_heal(struct lu_sweep_record *record)
{
	json_auto_t *rows = json_copy(record->rows);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (is_lost(record, row))
			lu_sweep_record_forget(record, lu_cli_get_str(row, "hash"));
	}
}

/* Files that are no results, or of another sweep, are left alone. */
static bool adopt(struct lu_sweep_record *record, const struct lu_sweep *sweep, const char *path,
		  GError **error)
{
	json_t *result = lu_result_load(path, NULL);
	const char *hash = lu_cli_get_str(result, "plan_hash");
	const struct lu_sweep_case *one = lu_sweep_case_of(sweep, hash);
	bool ok = true;

	if (one && !lu_sweep_record_has(record, hash))
		ok = lu_sweep_record_add(record, lu_sweep_row(one, result, path, -1), error);
	json_decref(result);
	return ok;
}

bool lu_sweep_adopt(struct lu_sweep_record *record, const struct lu_sweep *sweep, GError **error)
{
	g_autoptr(GPtrArray) paths = lu_sweep_record_unnamed(record);

	for (guint i = 0; i < paths->len; i++)
		if (!adopt(record, sweep, paths->pdata[i], error))
			return false;
	return true;
}
