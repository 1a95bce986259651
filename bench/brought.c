/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/brought.h"
#include <string.h>
#include "bench/cli.h"
#include "model/plan.h"

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted paths of what is in a data folder. */
static GPtrArray *paths_in(const char *folder)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = lu_cli_data_dir(folder);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(paths, g_build_filename(path, name, NULL));
	g_ptr_array_sort(paths, by_text);
	return paths;
}

static void append(json_t *list, const char *path, const char *summary)
{
	g_autofree char *name = g_path_get_basename(path);

	if (g_str_has_suffix(name, ".json"))
		name[strlen(name) - strlen(".json")] = '\0';
	json_array_append_new(
		list, json_pack("{s:s, s:s, s:s}", "name", name, "summary", summary, "path", path));
}

json_t *lu_brought_services(GError **error)
{
	g_autoptr(GPtrArray) paths = paths_in("examples/services");
	json_t *list = json_array();

	for (guint i = 0; i < paths->len; i++) {
		json_auto_t *service = NULL;

		if (!g_str_has_suffix(paths->pdata[i], ".json"))
			continue;
		service = lu_scenario_load(paths->pdata[i], error);
		if (!service) {
			json_decref(list);
			return NULL;
		}
		append(list, paths->pdata[i], lu_cli_get_str(service, "summary"));
	}
	return list;
}

/* Its first "# …"; g_free. */
static char *heading_of(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "README.md", NULL), *text = NULL;
	const char *at;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	at = g_str_has_prefix(text, "# ") ? text : strstr(text, "\n# ");
	if (!at)
		return g_strdup("");
	at = strchr(at, '#') + 2;
	return g_strndup(at, strcspn(at, "\n"));
}

json_t *lu_brought_scripts(void)
{
	g_autoptr(GPtrArray) paths = paths_in("examples/strategies");
	json_t *list = json_array();

	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *heading = heading_of(paths->pdata[i]);

		if (g_file_test(paths->pdata[i], G_FILE_TEST_IS_DIR))
			append(list, paths->pdata[i], heading);
	}
	return list;
}
