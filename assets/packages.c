/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small set of packages that the user names: made like a machine's set, without kernels. */
#include "assets/packages.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "assets/cache.h"
#include "assets/elf-needed.h"
#include "assets/root-path.h"
#include "assets/set.h"
#include "assets/unpack.h"
#include "record/error.h"

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "current-ARCH-packages-HASH"; g_free. */
static char *link_name(const struct lu_machine *machine, GPtrArray *names)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_copy(names, NULL, NULL);
	g_autofree char *all = NULL;
	g_autofree char *hash = NULL;

	g_ptr_array_sort(sorted, by_text);
	g_ptr_array_add(sorted, NULL);
	all = g_strjoinv(" ", (char **)sorted->pdata);
	hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
	return g_strdup_printf("current-%s" LU_CACHE_PACKAGES "%d-%.16s", machine->debian_arch,
			       LU_SET_FORMAT, hash);
}

void lu_packages_free(struct lu_packages *packages)
{
	if (!packages)
		return;
	if (packages->fd >= 0)
		close(packages->fd);
	g_clear_pointer(&packages->files, g_ptr_array_unref);
	json_decref(packages->list);
	g_free(packages->root);
	g_free(packages);
}

static bool take_manifest(struct lu_packages *packages, const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "manifest.json", NULL);
	json_auto_t *manifest = NULL;
	json_t *file;
	struct stat st;
	size_t i;

	packages->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (packages->fd < 0 || flock(packages->fd, LOCK_SH | LOCK_NB) < 0 ||
	    fstat(packages->fd, &st) < 0 || st.st_nlink == 0)
		return false;
	manifest = json_loadfd(packages->fd, 0, NULL);
	packages->list = json_incref(json_object_get(manifest, "packages"));
	json_array_foreach(json_object_get(manifest, "files"), i, file)
	{
		g_autofree char *full = NULL;

		if (!json_is_string(file))
			return false;
		full = g_build_filename(packages->root, json_string_value(file), NULL);
		if (lstat(full, &st) < 0)
			return false;
		g_ptr_array_add(packages->files, g_strdup(json_string_value(file)));
	}
	return packages->list && packages->files->len;
}

/* NULL: there is no complete one. */
static struct lu_packages *open_cached(const char *cache, const char *link)
{
	g_autofree char *path = g_build_filename(cache, link, NULL);
	g_autofree char *target = g_file_read_link(path, NULL);
	g_autofree char *folder = target ? g_build_filename(cache, target, NULL) : NULL;
	struct lu_packages *packages;

	if (!folder)
		return NULL;
	packages = g_new0(struct lu_packages, 1);
	packages->fd = -1;
	packages->root = g_build_filename(folder, "root", NULL);
	packages->files = g_ptr_array_new_with_free_func(g_free);
	if (take_manifest(packages, folder))
		return packages;
	lu_packages_free(packages);
	return NULL;
}

/* Every file and link below folder of root, as guest paths. */
static void list_files(const char *root, const char *folder, GHashTable *files)
{
	g_autofree char *path = g_build_filename(root, folder, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename("/", folder, name, NULL);
		g_autofree char *full = g_build_filename(path, name, NULL);
		bool link = g_file_test(full, G_FILE_TEST_IS_SYMLINK);

		if (!link && g_file_test(full, G_FILE_TEST_IS_DIR))
			list_files(root, below, files);
		else if (!link || strcmp(folder, "/"))
			/* symlinks at the top are those of the merged /usr */
			g_hash_table_add(files, g_steal_pointer(&below));
	}
}

static bool is_elf(const char *root, const char *path)
{
	g_autofree char *full = g_strconcat(root, path, NULL);
	struct lu_elf elf;
	bool ok = !g_file_test(full, G_FILE_TEST_IS_SYMLINK) && lu_elf_read(full, &elf, NULL);

	if (ok)
		lu_elf_clear(&elf);
	return ok;
}

static GPtrArray *programs_of(const struct lu_set *set, GHashTable *files)
{
	GPtrArray *programs = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, files);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		if (is_elf(set->root, path))
			g_ptr_array_add(programs, g_strdup(path));
	return programs;
}

static GPtrArray *show(struct lu_set *set, GPtrArray *names, GError **error)
{
	g_autoptr(GPtrArray) query = g_ptr_array_copy(names, NULL, NULL);
	GPtrArray *found;

	g_ptr_array_add(query, NULL);
	found = lu_apt_show(set->apt, (const char *const *)query->pdata, error);
	for (guint i = 0; found && i < names->len; i++)
		if (!lu_package_find(found, names->pdata[i])) {
			g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "this host's archive has no package %s for %s",
				    (char *)names->pdata[i], set->apt->arch);
			g_clear_pointer(&found, g_ptr_array_unref);
		}
	return found;
}

static void note_link(void *data, const char *path, const char *target)
{
	g_hash_table_add(data, g_strdup(path));
}

/* Files that the loader opens, and the symlinks that lead to them. */
static bool add_closure(const struct lu_set *set, GHashTable *files, GError **error)
{
	g_autoptr(GHashTable) libraries =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer path;

	for (guint i = 0; i < set->programs->len; i++)
		if (!lu_elf_closure(set->root, set->programs->pdata[i], libraries, NULL, error))
			return false;
	g_hash_table_iter_init(&iter, libraries);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		g_autofree char *final = lu_root_resolve(set->root, path, note_link, files);

		if (final)
			g_hash_table_add(files, g_strdup(final));
	}
	return true;
}

static bool publish(struct lu_set *set, GHashTable *files, const char *link, GError **error)
{
	g_autofree char *path = g_build_filename(set->work, "manifest.json", NULL);
	json_auto_t *manifest =
		json_pack("{s:i, s:s, s:o, s:[]}", "format", LU_SET_FORMAT, "arch", set->apt->arch,
			  "packages", lu_set_describe(set), "files");
	g_autofree char *name = NULL;
	g_autofree char *hash = NULL;
	g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(files), (GCompareFunc)strcmp);
	char *identity;

	for (GList *at = sorted; at; at = at->next)
		json_array_append_new(json_object_get(manifest, "files"), json_string(at->data));
	identity = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);
	hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, identity, -1);
	free(identity);
	if (json_dump_file(manifest, path, JSON_INDENT(1)))
		return lu_write_error(errno, path, set->cache, error);
	name = g_strdup_printf("packages-%s-%.16s", set->apt->arch, hash);
	return lu_cache_publish(set->cache, set->work, name, link, error);
}

static bool gather(struct lu_set *set, GPtrArray *names, const char *link, GError **error)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) packages = NULL;

	lu_set_note(set, "asking the archive for %s packages", set->machine->debian_arch);
	if (!lu_apt_update(set->apt, error))
		return false;
	packages = show(set, names, error);
	if (!packages || !lu_set_add(set, packages, error))
		return false;
	list_files(set->root, "/", files);
	set->programs = programs_of(set, files);
	return lu_set_add_libraries(set, error) && add_closure(set, files, error) &&
	       publish(set, files, link, error);
}

static bool make(const struct lu_machine *machine, GPtrArray *names, const char *cache,
		 const char *link, const struct lu_assets_options *options, GError **error)
{
	struct lu_set set;
	bool ok = lu_set_begin(&set, machine, cache, options, error) &&
		  gather(&set, names, link, error);

	if (set.apt)
		lu_set_drop_apt_cache(&set);
	lu_set_clear(&set);
	return ok;
}

static struct lu_packages *fetch(const struct lu_machine *machine, GPtrArray *names,
				 const char *cache, const char *link,
				 const struct lu_assets_options *options, GError **error)
{
	struct lu_packages *packages;
	int lock = lu_cache_lock(cache, options->cancellable, options->note, options->note_data,
				 error);

	if (lock < 0)
		return NULL;
	lu_cache_sweep(cache);
	packages = open_cached(cache, link); /* whoever held the lock may have made it */
	if (!packages && make(machine, names, cache, link, options, error)) {
		packages = open_cached(cache, link);
		if (!packages)
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
				    "the packages just fetched to %s are incomplete", cache);
	}
	close(lock);
	return packages;
}

struct lu_packages *lu_packages_open(const struct lu_machine *machine, GPtrArray *names,
				     const struct lu_assets_options *options, GError **error)
{
	g_autofree char *cache = lu_assets_cache_dir();
	g_autofree char *link = link_name(machine, names);
	struct lu_packages *packages = open_cached(cache, link);

	if (packages || !options->offline)
		return packages ?: fetch(machine, names, cache, link, options, error);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "package %s (and %u others) for %s is not in %s, and downloads are disabled",
		    (char *)names->pdata[0], names->len - 1, machine->debian_arch, cache);
	return NULL;
}
