/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a file of the cache is still what it was when it was first used. */
#include "assets/seal.h"
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"

#define PIECE 65536

/* NULL when it cannot be read; g_free. */
static char *hash(int fd)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *piece = g_malloc(PIECE);
	ssize_t n;

	while ((n = read(fd, piece, PIECE)) > 0)
		g_checksum_update(sum, piece, n);
	return n == 0 ? g_strdup(g_checksum_get_string(sum)) : NULL;
}

/* The file as it is now, without its hash. */
static json_t *look(const struct stat *st)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "size", (json_int_t)st->st_size, "mtime_s",
			 (json_int_t)st->st_mtim.tv_sec, "mtime_ns",
			 (json_int_t)st->st_mtim.tv_nsec, "inode", (json_int_t)st->st_ino);
}

static bool untouched(const json_t *seal, const json_t *now)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)now, key, value)
	{
		if (!json_equal(value, json_object_get(seal, key)))
			return false;
	}
	return true;
}

/* A cache that cannot be written is checked in full each time. */
static void keep(const char *file, json_t *now, const char *sha256)
{
	json_object_set_new(now, "sha256", json_string(sha256));
	json_dump_file(now, file, JSON_COMPACT);
}

static bool damaged(const char *path, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "cache damaged: %s is not what it was; lubench assets --refresh", path);
	return false;
}

static bool check_open(int fd, const char *seal_path, const char *path, GError **error)
{
	json_auto_t *seal = json_load_file(seal_path, 0, NULL), *now = NULL;
	const char *known = json_string_value(json_object_get(seal, "sha256"));
	g_autofree char *sha256 = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return damaged(path, error);
	now = look(&st);
	if (known && untouched(seal, now))
		return true;
	sha256 = hash(fd);
	if (!sha256 || (known && strcmp(sha256, known) != 0))
		return damaged(path, error);
	keep(seal_path, now, sha256);
	return true;
}

bool lu_seal_check(const char *folder, const char *path, GError **error)
{
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *name = g_strdup_printf("seal-%s.json", base);
	g_autofree char *seal_path = g_build_filename(folder, name, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 ? check_open(fd, seal_path, path, error) : damaged(path, error);

	if (fd >= 0)
		close(fd);
	return ok;
}
