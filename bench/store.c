/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved runs, as a command line names them: "last", an ID, a sweep, a file or a folder. */
#include "bench/store.h"
#include <glib/gstdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/report/once.h"
#include "record/error.h"

static void saved_free(gpointer data)
{
	struct lu_saved *saved = data;

	if (!saved)
		return;
	json_decref(saved->result);
	g_free(saved->path);
	g_free(saved);
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted paths of the results in a folder whose names
 * have that prefix; empty when there is no folder. */
static GPtrArray *list(const char *dir_path, const char *prefix)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(dir_path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".json") && g_str_has_prefix(name, prefix))
			g_ptr_array_add(paths, g_build_filename(dir_path, name, NULL));
	g_ptr_array_sort(paths, by_path);
	return paths;
}

static int64_t modified_ns(const char *path)
{
	GStatBuf info;

	if (g_stat(path, &info) != 0)
		return -1;
	return (int64_t)info.st_mtim.tv_sec * INT64_C(1000000000) + info.st_mtim.tv_nsec;
}

static const char *newest(const GPtrArray *paths)
{
	const char *best = NULL;
	int64_t best_ns = -1;

	/* Of equal times the later name counts: IDs begin with the time. */
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		int64_t ns = modified_ns(path);

		if (ns >= best_ns) {
			best = path;
			best_ns = ns;
		}
	}
	return best;
}

static void add(GPtrArray *into, const char *path, json_t *result)
{
	struct lu_saved *saved = g_new0(struct lu_saved, 1);

	saved->path = g_strdup(path);
	saved->result = json_incref(result);
	g_ptr_array_add(into, saved);
}

static bool load_one(GPtrArray *into, const char *path, GError **error)
{
	json_t *result = lu_result_load(path, error);

	if (!result)
		return false;
	add(into, path, result);
	json_decref(result);
	return true;
}

static bool load_last(GPtrArray *into, const char *runs_dir, GError **error)
{
	g_autoptr(GPtrArray) paths = list(runs_dir, "");
	const char *path = newest(paths);

	if (path)
		return load_one(into, path, error);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "last: no run is saved in %s yet: start with lubench run --strategy=kexec",
		    runs_dir);
	return false;
}

/* By name, which is by time; those of a sweep in the order of its definition. */
static GPtrArray *list_in_order(const char *dir)
{
	GPtrArray *paths = list(dir, "");

	lu_sweep_record_order(dir, paths);
	return paths;
}

static bool load_dir(GPtrArray *into, const char *dir, GError **error)
{
	g_autoptr(GPtrArray) paths = list_in_order(dir);
	guint lost = 0;

	if (paths->len == 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: no result (*.json) in that folder", dir);
		return false;
	}
	/* One damaged file does not cost the others. */
	for (guint i = 0; i < paths->len; i++) {
		g_autoptr(GError) why = NULL;

		if (!load_one(into, g_ptr_array_index(paths, i), &why)) {
			g_printerr("%s: left out: %s\n", g_get_prgname(), why->message);
			lost++;
		}
	}
	if (lost < paths->len)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: none of its %u files is a result", dir,
		    paths->len);
	return false;
}

static bool load_id(GPtrArray *into, const char *runs_dir, const char *id, GError **error)
{
	g_autoptr(GPtrArray) paths = list(runs_dir, id);

	if (paths->len == 1)
		return load_one(into, g_ptr_array_index(paths, 0), error);
	if (paths->len)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: %u saved runs begin with that: give more of the ID", id,
			    paths->len);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: no such file, folder or saved run in %s; allowed is last, an "
			    "ID, a label, a sweep's name or a path",
			    id, runs_dir);
	return false;
}

/* The newest sweep whose name begins with that; NULL: none. Caller frees. */
static char *sweep_dir(const char *runs_dir, const char *name)
{
	g_autoptr(GPtrArray) runs = list(runs_dir, name);

	return runs->len ? NULL : lu_sweep_record_find(name, NULL);
}

/* Runs that their user called so; an empty array: none. */
static bool load_label(GPtrArray *into, const char *runs_dir, const char *label)
{
	g_autoptr(GPtrArray) paths = list(runs_dir, "");
	guint before = into->len;

	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		json_t *result = lu_result_load(path, NULL);

		if (strcmp(lu_cli_get_str(result, "run.label"), label) == 0)
			add(into, path, result);
		json_decref(result);
	}
	return into->len > before;
}

static bool load_named(GPtrArray *into, const char *runs_dir, const char *name, GError **error)
{
	if (strcmp(name, "last") == 0)
		return load_last(into, runs_dir, error);
	if (g_file_test(name, G_FILE_TEST_IS_DIR))
		return load_dir(into, name, error);
	if (g_file_test(name, G_FILE_TEST_EXISTS))
		return load_one(into, name, error);
	g_autofree char *sweep = sweep_dir(runs_dir, name);

	if (sweep)
		return load_dir(into, sweep, error);
	g_autoptr(GError) why = NULL;

	if (load_id(into, runs_dir, name, &why) || load_label(into, runs_dir, name))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* Without the results of runs that come a second time. */
static GPtrArray *each_once(GPtrArray *all)
{
	GPtrArray *kept = g_ptr_array_new_with_free_func(saved_free);
	struct lu_once once;

	lu_once_init(&once);
	for (guint i = 0; i < all->len; i++) {
		struct lu_saved *saved = g_ptr_array_index(all, i);

		if (lu_once_add(&once, saved->result))
			g_ptr_array_add(kept, g_steal_pointer(&all->pdata[i]));
	}
	lu_once_report(&once);
	lu_once_clear(&once);
	return kept;
}

GPtrArray *lu_store_load(char **names, GError **error)
{
	g_autoptr(GPtrArray) saved = g_ptr_array_new_with_free_func(saved_free);
	g_autofree char *runs_dir = lu_cli_runs_dir();

	for (char **name = names; *name; name++)
		if (!load_named(saved, runs_dir, *name, error))
			return NULL;
	return each_once(saved);
}

json_t *lu_store_results(const GPtrArray *saved)
{
	json_t *results = json_array();

	for (guint i = 0; i < saved->len; i++) {
		struct lu_saved *one = g_ptr_array_index(saved, i);

		json_array_append(results, one->result);
	}
	return results;
}
