/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and reading modules.dep. */
#include "assets/depmod.h"
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "host/child.h"

#define DEPMOD_TIMEOUT_S 120

struct lu_modules {
	char *release;
	/* module name → its line of modules.dep after the colon, with its own file first */
	GHashTable *lines;
	GHashTable *builtin; /* set of names */
};

/* depmod is in sbin, which is not in an ordinary user's PATH. */
static char *find_depmod(void)
{
	static const char *const places[] = {"/usr/sbin/depmod", "/sbin/depmod"};
	char *path = g_find_program_in_path("depmod");

	for (size_t i = 0; !path && i < G_N_ELEMENTS(places); i++)
		if (access(places[i], X_OK) == 0)
			path = g_strdup(places[i]);
	return path;
}

static bool run_depmod(const char *depmod, const char *base, const char *release,
		       GCancellable *cancellable, GError **error)
{
	const char *argv[] = {depmod, "-b", base, release, NULL};
	struct lu_child child = {
		.argv = argv, .timeout_s = DEPMOD_TIMEOUT_S, .cancellable = cancellable};
	g_autofree char *what = g_strconcat("depmod of ", release, NULL);

	return lu_child_do(&child, what, error);
}

bool lu_depmod_make(const char *modules_dir, GCancellable *cancellable, GError **error)
{
	g_autofree char *dep = g_build_filename(modules_dir, "modules.dep", NULL);
	g_autofree char *release = g_path_get_basename(modules_dir);
	g_autofree char *base = g_canonicalize_filename("../../..", modules_dir);
	g_autofree char *depmod = NULL;

	if (g_file_test(dep, G_FILE_TEST_EXISTS))
		return true;
	depmod = find_depmod();
	if (!depmod) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "depmod is not installed on this host (Debian package kmod)");
		return false;
	}
	return run_depmod(depmod, base, release, cancellable, error);
}

/* "kernel/drivers/net/virtio_net.ko.xz" → "virtio_net" */
static char *module_name(const char *file)
{
	char *name = g_path_get_basename(file);

	name[strcspn(name, ".")] = '\0';
	return g_strdelimit(name, "-", '_');
}

static void add_line(GHashTable *table, const char *line)
{
	const char *colon = strchr(line, ':');
	g_autofree char *file = colon ? g_strndup(line, colon - line) : NULL;

	if (file)
		g_hash_table_replace(table, module_name(file),
				     g_strconcat(file, " ", g_strstrip((char *)colon + 1), NULL));
}

static char **read_lines(const char *dir, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) cause = NULL;

	if (g_file_get_contents(path, &text, NULL, &cause))
		return g_strsplit(text, "\n", -1);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s", cause->message);
	return NULL;
}

struct lu_modules *lu_modules_read(const char *modules_dir, GError **error)
{
	g_auto(GStrv) dep = read_lines(modules_dir, "modules.dep", error);
	g_auto(GStrv) builtin = dep ? read_lines(modules_dir, "modules.builtin", NULL) : NULL;
	struct lu_modules *modules;

	if (!dep)
		return NULL;
	modules = g_new0(struct lu_modules, 1);
	modules->release = g_path_get_basename(modules_dir);
	modules->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	modules->builtin = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (char **line = dep; *line; line++)
		add_line(modules->lines, *line);
	for (char **line = builtin; line && *line; line++)
		g_hash_table_add(modules->builtin, module_name(*line));
	return modules;
}

void lu_modules_free(struct lu_modules *modules)
{
	if (!modules)
		return;
	g_free(modules->release);
	g_hash_table_unref(modules->lines);
	g_hash_table_unref(modules->builtin);
	g_free(modules);
}

bool lu_modules_closure(const struct lu_modules *modules, const char *name, GPtrArray *files,
			GError **error)
{
	g_autofree char *key = g_strdelimit(g_strdup(name), "-", '_');
	const char *line = g_hash_table_lookup(modules->lines, key);
	g_auto(GStrv) parts = NULL;

	if (!line && g_hash_table_contains(modules->builtin, key))
		return true;
	if (!line) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "kernel %s has no module %s",
			    modules->release, name);
		return false;
	}
	/* A line lists the whole closure; modules that must
	 * be loaded first come last (modules.dep(5)). */
	parts = g_strsplit(line, " ", -1);
	for (guint i = g_strv_length(parts); i-- > 0;)
		if (*parts[i] &&
		    !g_ptr_array_find_with_equal_func(files, parts[i], g_str_equal, NULL))
			g_ptr_array_add(files, g_strdup(parts[i]));
	return true;
}
