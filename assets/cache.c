/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cache folder: locking, sweeping, publishing, pruning. */
#include "assets/cache.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "record/error.h"
#include "model/machine.h"
#include "assets/seal.h"
#include "assets/set.h"
#include "assets/unpack.h"
#include "host/child.h"

#define LOCK_TIMEOUT_S 3600

/*
 * A blocking flock cannot be cancelled, so flock(1) waits on our own open file: a lock belongs to
 * the open file description (flock(2)), so the lock that it gets is ours.
 */
static bool wait_for_lock(int fd, GCancellable *cancellable, GError **error)
{
	static const char *const argv[] = {"flock", "3", NULL};
	struct lu_child child = {
		.argv = argv, .fd = fd, .timeout_s = LOCK_TIMEOUT_S, .cancellable = cancellable};
	struct lu_child_result result;

	if (!lu_child_run(&child, &result, error))
		return false;
	lu_child_result_clear(&result);
	return true;
}

int lu_cache_lock(const char *cache, GCancellable *cancellable,
		  void (*note)(void *data, const char *text), void *note_data, GError **error)
{
	g_autofree char *path = g_build_filename(cache, "lock", NULL);
	int fd;

	if (g_mkdir_with_parents(cache, 0755) < 0 ||
	    (fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644)) < 0) {
		lu_write_error(errno, path, cache, error);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (note)
		note(note_data, "waiting for another lubench that is fetching assets");
	if (!wait_for_lock(fd, cancellable, error) || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (error && !*error)
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot lock %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

void lu_cache_remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static bool is_dead_work(const char *name)
{
	return g_str_has_prefix(name, "work-") || g_str_has_prefix(name, "link-");
}

void lu_cache_sweep(const char *cache)
{
	g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (is_dead_work(name)) {
			g_autofree char *path = g_build_filename(cache, name, NULL);

			lu_cache_remove_tree(path);
		}
}

/* Names of the sets that current-* links point to. */
static GHashTable *current_sets(const char *cache)
{
	GHashTable *sets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(cache, name, NULL);
		g_autofree char *target =
			g_str_has_prefix(name, "current-") ? g_file_read_link(path, NULL) : NULL;

		if (target)
			g_hash_table_add(sets, g_path_get_basename(target));
	}
	return sets;
}

/* A run that uses a set holds a shared lock on its manifest. */
static void remove_unused_set(const char *path)
{
	g_autofree char *manifest = g_build_filename(path, "manifest.json", NULL);
	int fd = open(manifest, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) {
		unlink(manifest);
		lu_cache_remove_tree(path);
	}
	if (fd >= 0)
		close(fd);
}

/* Keep what a current set names: its packages, and files made for its kernels. */
static void keep_what_is_of(const char *set, GHashTable *kept, GHashTable *releases)
{
	g_autofree char *path = g_build_filename(set, "manifest.json", NULL);
	json_t *manifest = json_load_file(path, 0, NULL);
	json_t *package, *kernel;
	size_t i;

	json_array_foreach(json_object_get(manifest, "packages"), i, package)
	{
		const char *sha256 = json_string_value(json_object_get(package, "sha256"));

		if (sha256)
			g_hash_table_add(kept, g_strconcat(sha256, ".deb", NULL));
	}
	json_array_foreach(json_object_get(manifest, "kernels"), i, kernel)
	{
		const char *release = json_string_value(json_object_get(kernel, "release"));

		if (release)
			g_hash_table_add(releases, g_strdup(release));
	}
	json_decref(manifest);
}

static void prune_packages(const char *cache, GHashTable *kept)
{
	g_autofree char *folder = g_build_filename(cache, "deb", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (!g_hash_table_contains(kept, name)) {
			g_autofree char *path = g_build_filename(folder, name, NULL);

			unlink(path);
		}
}

/* What was made for a kernel is named RELEASE or RELEASE@HASH. */
static void prune_releases(const char *cache, const char *folder, GHashTable *releases)
{
	g_autofree char *path = g_build_filename(cache, folder, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		const char *at = strchr(name, '@');
		g_autofree char *release = at ? g_strndup(name, at - name) : g_strdup(name);
		g_autofree char *full = g_build_filename(path, name, NULL);

		if (!g_hash_table_contains(releases, release))
			lu_cache_remove_tree(full);
	}
}

void lu_cache_prune(const char *cache)
{
	g_autoptr(GHashTable) current = current_sets(cache);
	g_autoptr(GHashTable) kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) releases =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *folder = g_build_filename(cache, "sets", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (!g_hash_table_contains(current, name))
			remove_unused_set(path);
		else
			keep_what_is_of(path, kept, releases);
	}
	prune_packages(cache, kept);
	prune_releases(cache, "headers", releases);
	prune_releases(cache, "kmods", releases);
	prune_releases(cache, "kdat", releases);
}

void lu_cache_forget_packages(const char *cache)
{
	g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(cache, name, NULL);

		if (g_str_has_prefix(name, "current-") &&
		    (strstr(name, LU_CACHE_PACKAGES) || strstr(name, LU_CACHE_KERNEL)))
			unlink(path);
	}
}

void lu_cache_drop_damaged(const char *cache, const char *folder)
{
	g_autofree char *path = g_build_filename(cache, folder, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *full = g_build_filename(path, name, NULL);

		if (!lu_seal_check_all(full))
			lu_cache_remove_tree(full);
	}
}

char *lu_cache_link_name(const struct lu_machine *machine)
{
	return g_strdup_printf("current-%s-%s-%d", machine->debian_arch, machine->kernel_flavour,
			       LU_SET_FORMAT);
}

static bool swap_link(const char *cache, const char *target, const char *link_name, GError **error)
{
	g_autofree char *fresh = g_strconcat(cache, "/link-", link_name, NULL);
	g_autofree char *path = g_build_filename(cache, link_name, NULL);

	if (symlink(target, fresh) < 0 || rename(fresh, path) < 0)
		return lu_write_error(errno, path, cache, error);
	return true;
}

bool lu_cache_publish(const char *cache, const char *work, const char *name, const char *link_name,
		      GError **error)
{
	g_autofree char *sets = g_build_filename(cache, "sets", NULL);
	g_autofree char *path = g_build_filename(sets, name, NULL);
	g_autofree char *target = g_build_filename("sets", name, NULL);
	int fd;

	g_mkdir_with_parents(sets, 0755);
	/* Sync contents before names: after a power cut,
	 * a set that has its name must be complete. */
	fd = open(work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		syncfs(fd);
		close(fd);
	}
	if (!lu_seal_check_all(path))
		lu_cache_remove_tree(path);
	if (access(path, F_OK) < 0 && rename(work, path) < 0)
		return lu_write_error(errno, path, cache, error);
	return swap_link(cache, target, link_name, error);
}

bool lu_cache_has_room(const char *cache, int64_t bytes, const char *what, GError **error)
{
	struct statvfs fs;
	int64_t room;

	if (statvfs(cache, &fs) < 0)
		return lu_write_error(errno, cache, cache, error);
	room = (int64_t)(fs.f_bavail * fs.f_frsize);
	if (room >= bytes)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "%s needs %" G_GINT64_FORMAT " MB in %s, which has %" G_GINT64_FORMAT
		    " MB free",
		    what, bytes / 1000000, cache, room / 1000000);
	return false;
}
