/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adding packages to a set: from the cache or by apt. The SHA-256 of each is compared with the
 * signed index before it is used. */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/set.h"
#include "assets/unpack.h"

static char *hash_file(const char *path)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	FILE *file = fopen(path, "re");
	char buffer[65536];
	size_t got;
	bool bad;

	if (!file)
		return NULL;
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		g_checksum_update(sum, (const guchar *)buffer, (gssize)got);
	bad = ferror(file);
	fclose(file);
	return bad ? NULL : g_strdup(g_checksum_get_string(sum));
}

static char *deb_path(const struct lu_set *set, const char *sha256)
{
	g_autofree char *name = g_strconcat(sha256, ".deb", NULL);

	return g_build_filename(set->cache, "deb", name, NULL);
}

/* Is the package in the cache? A file that does not match its name (truncated by a power failure)
 * is removed. */
static bool cached(const struct lu_set *set, const struct lu_package *package)
{
	g_autofree char *path = deb_path(set, package->sha256);
	g_autofree char *sum = hash_file(path);

	if (sum && !strcmp(sum, package->sha256))
		return true;
	unlink(path);
	return false;
}

/* Moves every file in folder into the cache, named by its contents. */
static bool keep_downloads(const struct lu_set *set, const char *folder, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *sum = hash_file(path);
		g_autofree char *target = sum ? deb_path(set, sum) : NULL;

		if (!sum || rename(path, target) < 0)
			return lu_write_error(errno, path, set->cache, error);
	}
	return true;
}

static bool check_downloads(const struct lu_set *set, GPtrArray *wanted, GError **error)
{
	for (guint i = 0; i < wanted->len; i++) {
		const struct lu_package *package = wanted->pdata[i];

		if (cached(set, package))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "package %s %s: the download's SHA-256 differs from that in the "
			    "archive's index",
			    package->name, package->version);
		return false;
	}
	return true;
}

static bool offline(const struct lu_package *package, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "package %s %s is not in the cache, and downloads are disabled", package->name,
		    package->version);
	return false;
}

static bool download(struct lu_set *set, GPtrArray *wanted, int64_t bytes, GError **error)
{
	g_autofree char *folder = g_build_filename(set->work, "download", NULL);
	g_autofree char *store = g_build_filename(set->cache, "deb", NULL);
	bool ok;

	if (g_mkdir_with_parents(folder, 0755) < 0 || g_mkdir_with_parents(store, 0755) < 0)
		return lu_write_error(errno, folder, set->cache, error);
	lu_set_note(set, "fetching %u packages for %s (%.1f MB)", wanted->len, set->apt->arch,
		    (double)bytes / 1e6);
	ok = lu_apt_download(set->apt, wanted, folder, error) &&
	     keep_downloads(set, folder, error) && check_downloads(set, wanted, error);
	lu_cache_remove_tree(folder);
	return ok;
}

/* Downloads those packages that are not cached, after
 * a check that there is room for all of them. */
static bool get(struct lu_set *set, GPtrArray *packages, GError **error)
{
	g_autoptr(GPtrArray) wanted = g_ptr_array_new();
	int64_t deb_bytes = 0, disk_bytes = 0;

	for (guint i = 0; i < packages->len; i++) {
		struct lu_package *package = packages->pdata[i];

		disk_bytes += package->installed_bytes;
		if (cached(set, package))
			continue;
		deb_bytes += package->deb_bytes;
		g_ptr_array_add(wanted, package);
	}
	if (!lu_cache_has_room(set->cache, deb_bytes + disk_bytes, "the guests' packages", error))
		return false;
	if (wanted->len && set->options->offline)
		return offline(wanted->pdata[0], error);
	return !wanted->len || download(set, wanted, deb_bytes, error);
}

static bool unpack(struct lu_set *set, struct lu_package *package, GError **error)
{
	g_autofree char *path = deb_path(set, package->sha256);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	bool ok = lu_deb_unpack(path, set->root, files, error);

	if (!ok)
		g_prefix_error(error, "package %s %s: ", package->name, package->version);
	for (guint i = 0; ok && i < files->len; i++)
		g_hash_table_replace(set->owners, g_strdup(files->pdata[i]), package);
	return ok;
}

bool lu_set_add(struct lu_set *set, GPtrArray *packages, GError **error)
{
	if (!get(set, packages, error))
		return false;
	for (guint i = 0; i < packages->len; i++) {
		if (g_cancellable_is_cancelled(set->options->cancellable)) {
			g_set_error(error, LU_ERROR, LU_ERROR_INTERRUPTED,
				    "interrupted while unpacking assets");
			return false;
		}
		if (!unpack(set, packages->pdata[i], error))
			return false;
	}
	g_ptr_array_extend_and_steal(set->packages, g_ptr_array_ref(packages));
	return lu_root_merge_usr(set->root, error);
}
