/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a file of the cache is still what it was when it was first used. */
#include "assets/seal.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
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
	g_autofree char *dir = g_path_get_dirname(file);
	char *text;

	json_object_set_new(now, "sha256", json_string(sha256));
	text = json_dumps(now, JSON_COMPACT);
	g_mkdir_with_parents(dir, 0755);
	g_file_set_contents(file, text, -1, NULL);
	free(text);
}

static bool damaged(const char *path, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "cache damaged: %s is not what it was; lubench assets --refresh", path);
	return false;
}

/* Its SHA-256, which is known where the file is untouched; NULL: it is damaged. g_free. */
static char *hash_checked(int fd, const char *seal_path)
{
	json_auto_t *seal = json_load_file(seal_path, 0, NULL), *now = NULL;
	const char *known = json_string_value(json_object_get(seal, "sha256"));
	g_autofree char *sha256 = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0 || (!known && access(seal_path, F_OK) == 0))
		return NULL;
	now = look(&st);
	if (known && untouched(seal, now))
		return g_strdup(known);
	sha256 = hash(fd);
	if (!sha256 || (known && strcmp(sha256, known) != 0))
		return NULL;
	keep(seal_path, now, sha256);
	return g_steal_pointer(&sha256);
}

/* g_free. */
static char *seal_of(const char *folder, const char *path)
{
	g_autofree char *below = g_strdup_printf("%s.json", path + strlen(folder));

	g_assert(g_str_has_prefix(path, folder));
	return g_build_filename(folder, "seals", below, NULL);
}

bool lu_seal_check(const char *folder, const char *path, char **sha256, GError **error)
{
	g_autofree char *seal_path = seal_of(folder, path), *found = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		found = hash_checked(fd, seal_path);
		close(fd);
	}
	if (!found)
		return damaged(path, error);
	if (sha256)
		*sha256 = g_steal_pointer(&found);
	return true;
}

/* The files of one folder below seals. */
static bool check_below(const char *folder, const char *below)
{
	g_autofree char *seals = g_build_filename(folder, "seals", below, NULL);
	g_autoptr(GDir) dir = g_dir_open(seals, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *rest = g_build_filename(below, name, NULL);
		g_autofree char *seal = g_build_filename(folder, "seals", rest, NULL);
		g_autofree char *path = g_build_filename(folder, rest, NULL);

		if (g_file_test(seal, G_FILE_TEST_IS_DIR)) {
			if (!check_below(folder, rest))
				return false;
			continue;
		}
		path[strlen(path) - strlen(".json")] = '\0';
		if (!lu_seal_check(folder, path, NULL, NULL))
			return false;
	}
	return true;
}

bool lu_seal_check_all(const char *folder)
{
	return check_below(folder, "");
}
