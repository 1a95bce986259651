/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules for a guest's kernel: cached by a hash of their inputs, built if necessary. */
#include "assets/kmods.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/unpack.h"
#include "host/child.h"
#include "assets/headers.h"
#include "assets/kmods-make.h"

#define VERSION_TIMEOUT_S 30

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All files below folder, paths relative to it. */
static void list_files(const char *folder, const char *below, GPtrArray *files)
{
	g_autofree char *path = g_build_filename(folder, below, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *file =
			*below ? g_build_filename(below, name, NULL) : g_strdup(name);
		g_autofree char *full = g_build_filename(folder, file, NULL);

		if (g_file_test(full, G_FILE_TEST_IS_DIR))
			list_files(folder, file, files);
		else
			g_ptr_array_add(files, g_steal_pointer(&file));
	}
}

static GPtrArray *sources(const struct lu_kmods *kmods, GError **error)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

	if (kmods->sources)
		list_files(kmods->sources, "", files);
	g_ptr_array_sort(files, by_text);
	if (files->len)
		return files;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "the sources of the guest's modules are not in %s",
		    kmods->sources ? kmods->sources : "this installation");
	g_ptr_array_unref(files);
	return NULL;
}

static bool read_source(const struct lu_kmods *kmods, const char *file, char **text, gsize *len,
			GError **error)
{
	g_autofree char *path = g_build_filename(kmods->sources, file, NULL);
	g_autoptr(GError) cause = NULL;

	if (g_file_get_contents(path, text, len, &cause))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s", cause->message);
	return false;
}

/* Debian's headers name the compiler of a release; any one for the architecture will do. */
static char *find_compiler(const struct lu_kmods *kmods, GError **error)
{
	static const char *const suffixes[] = {"-12", ""}; /* 12: as Debian 12 builds its kernels */
	const char *triplet = kmods->machine->gnu_triplet;

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *name = g_strdup_printf("%s-gcc%s", triplet, suffixes[i]);
		char *path = g_find_program_in_path(name);

		if (path)
			return path;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "modules for the guest need a compiler for %s on this host: bench/install "
		    "installs it",
		    kmods->machine->arch);
	return NULL;
}

/* Output of --version: after an upgrade of the host the same path is another compiler. g_free. */
static char *compiler_says(const struct lu_kmods *kmods, const char *compiler, GError **error)
{
	const char *argv[] = {compiler, "--version", NULL};
	const struct lu_child child = {.argv = argv,
				       .timeout_s = VERSION_TIMEOUT_S,
				       .cancellable = kmods->options->cancellable};
	g_autofree char *says = lu_child_says(&child, error);

	return says ? g_strconcat(compiler, "\n", says, NULL) : NULL;
}

/* Whether others do without the modules of the component that is worked on. */
static bool is_on_demand(const struct lu_kmods *kmods)
{
	g_autofree char *path =
		g_build_filename(kmods->sources, kmods->component, "on-demand", NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* "6.1.0-56-FLAVOUR@HASH" */
static char *name_of(const struct lu_kmods *kmods, GPtrArray *files, const char *compiler,
		     GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *says = compiler_says(kmods, compiler, error);

	if (!says)
		return NULL;
	g_checksum_update(sum, (const guchar *)says, (gssize)strlen(says) + 1);
	if (kmods->component && is_on_demand(kmods))
		g_checksum_update(sum, (const guchar *)kmods->component, -1);
	/* A release's name identifies Debian's kernels, but not a build of the user's. */
	if (kmods->kernel->sha256)
		g_checksum_update(sum, (const guchar *)kmods->kernel->sha256, -1);
	for (guint i = 0; i < files->len; i++) {
		const char *file = files->pdata[i];
		g_autofree char *text = NULL;
		gsize len;

		if (!read_source(kmods, file, &text, &len, error))
			return NULL;
		g_checksum_update(sum, (const guchar *)file, (gssize)strlen(file) + 1);
		g_checksum_update(sum, (const guchar *)text, (gssize)len);
	}
	return g_strdup_printf("%s@%.16s", kmods->kernel->release, g_checksum_get_string(sum));
}

/* Into a temporary folder, because the build writes into its source folder. */
static bool copy_sources(const struct lu_kmods *kmods, GPtrArray *files, const char *into,
			 GError **error)
{
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *target = g_build_filename(into, files->pdata[i], NULL);
		g_autofree char *parent = g_path_get_dirname(target);
		g_autofree char *text = NULL;
		g_autoptr(GError) cause = NULL;
		gsize len;

		if (!read_source(kmods, files->pdata[i], &text, &len, error))
			return false;
		g_mkdir_with_parents(parent, 0755);
		if (!g_file_set_contents(target, text, (gssize)len, &cause)) {
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s", cause->message);
			return false;
		}
	}
	return true;
}

/* Folder in which make runs: the kernel's own tree, or Debian's headers. g_free. */
static char *find_headers(const struct lu_kmods *kmods, const char *cache, GError **error)
{
	return kmods->kernel->tree ? g_strdup(kmods->kernel->tree)
				   : lu_headers_get(kmods, cache, error);
}

/* Only the modules, under their names, and why components have none. */
static bool collect(const char *built, const char *into, const char *cache, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(built, 0, NULL);
	const char *name;

	if (g_mkdir(into, 0755) < 0)
		return lu_write_error(errno, into, cache, error);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *from = g_build_filename(built, name, NULL);
		g_autofree char *to = g_build_filename(into, name, NULL);

		if ((g_str_has_suffix(name, ".ko") || g_str_has_suffix(name, LU_KMODS_ERROR)) &&
		    rename(from, to) < 0)
			return lu_write_error(errno, to, cache, error);
	}
	return true;
}

static bool build_in(const struct lu_kmods *kmods, GPtrArray *files, const char *compiler,
		     const char *cache, const char *work, const char *path, GError **error)
{
	g_autofree char *built = g_build_filename(work, "build", NULL);
	g_autofree char *done = g_build_filename(work, "done", NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *headers = find_headers(kmods, cache, error);

	if (!headers || !copy_sources(kmods, files, built, error) ||
	    !lu_kmods_make(kmods, files, headers, built, compiler, error) ||
	    !collect(built, done, cache, error))
		return false;
	g_mkdir_with_parents(parent, 0755);
	return rename(done, path) == 0 || lu_write_error(errno, path, cache, error);
}

static bool build(const struct lu_kmods *kmods, GPtrArray *files, const char *compiler,
		  const char *cache, const char *path, GError **error)
{
	g_autofree char *work = g_build_filename(cache, "work-XXXXXX", NULL);
	g_autofree char *text = g_strdup_printf("building modules for %s", kmods->kernel->release);
	bool ok;

	if (kmods->options->note)
		kmods->options->note(kmods->options->note_data, text);
	if (!g_mkdtemp(work))
		return lu_write_error(errno, work, cache, error);
	ok = build_in(kmods, files, compiler, cache, work, path, error);
	lu_cache_remove_tree(work);
	return ok;
}

static bool build_locked(const struct lu_kmods *kmods, GPtrArray *files, const char *compiler,
			 const char *cache, const char *path, GError **error)
{
	const struct lu_assets_options *options = kmods->options;
	int lock = lu_cache_lock(cache, options->cancellable, options->note, options->note_data,
				 error);
	bool ok;

	if (lock < 0)
		return false;
	/* The previous holder of the lock may have built them. */
	ok = access(path, R_OK) == 0 || build(kmods, files, compiler, cache, path, error);
	close(lock);
	return ok;
}

char *lu_kmods_get(const struct lu_kmods *kmods, GError **error)
{
	g_autofree char *cache = lu_assets_cache_dir();
	g_autoptr(GPtrArray) files = sources(kmods, error);
	g_autofree char *compiler = files ? find_compiler(kmods, error) : NULL;
	g_autofree char *name = compiler ? name_of(kmods, files, compiler, error) : NULL;
	g_autofree char *path = name ? g_build_filename(cache, "kmods", name, NULL) : NULL;

	if (!path)
		return NULL;
	if (access(path, R_OK) < 0 && !build_locked(kmods, files, compiler, cache, path, error))
		return NULL;
	return lu_kmods_has_wanted(kmods, files, path, error) ? g_steal_pointer(&path) : NULL;
}
