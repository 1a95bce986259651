/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 over a program or a folder: each path below it, its kind, its bytes, in order of path. */
#include "workloads/service/contents.h"
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include "record/error.h"

#define MAX_FILES 10000u
#define MAX_BYTES (512u << 20)

struct tally {
	GChecksum *sum;
	unsigned files;
	uint64_t bytes;
};

static bool unusable(const char *path, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: %s; allowed: a readable file, or a folder of at most %u files and %u MiB",
		    path, what, MAX_FILES, MAX_BYTES >> 20);
	return false;
}

static bool add_file(struct tally *tally, const char *path, const struct stat *st, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *bytes = NULL;
	gsize len;

	tally->bytes += (uint64_t)st->st_size;
	if (++tally->files > MAX_FILES || tally->bytes > MAX_BYTES)
		return unusable(path, "too much", error);
	if (!g_file_get_contents(path, &bytes, &len, &why))
		return unusable(path, why->message, error);
	g_checksum_update(tally->sum, (const guchar *)bytes, (gssize)len);
	return true;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *sorted_names(const char *path)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_text);
	return names;
}

static bool add(struct tally *tally, const char *path, const char *below, GError **error)
{
	g_autofree char *target = g_file_read_link(path, NULL);
	g_autoptr(GPtrArray) names = NULL;
	struct stat st;

	g_checksum_update(tally->sum, (const guchar *)below, (gssize)strlen(below) + 1);
	if (target) {
		g_checksum_update(tally->sum, (const guchar *)target, (gssize)strlen(target) + 1);
		return true;
	}
	if (stat(path, &st) < 0)
		return unusable(path, "there is none", error);
	if (S_ISREG(st.st_mode))
		return add_file(tally, path, &st, error);
	if (!S_ISDIR(st.st_mode))
		return unusable(path, "neither file nor folder", error);
	names = sorted_names(path);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *full = g_build_filename(path, names->pdata[i], NULL);
		g_autofree char *part = g_build_filename(below, names->pdata[i], NULL);

		if (!add(tally, full, part, error))
			return false;
	}
	return true;
}

static bool add_key(struct tally *tally, const json_t *spec, const char *key, GError **error)
{
	const char *path = json_string_value(json_object_get(spec, key));

	if (!path || add(tally, path, "", error))
		return true;
	g_prefix_error(error, "%s: ", key);
	return false;
}

bool lu_service_contents(json_t *spec, GError **error)
{
	struct tally tally = {g_checksum_new(G_CHECKSUM_SHA256)};
	const char *expected = json_string_value(json_object_get(spec, "sha256")), *found;
	const char *checker =
		json_string_value(json_array_get(json_object_get(spec, "checker"), 0));
	bool any = json_object_get(spec, "program") || json_object_get(spec, "folder") || checker;
	bool ok = add_key(&tally, spec, "program", error) &&
		  add_key(&tally, spec, "folder", error) &&
		  (!checker || add(&tally, checker, "", error));

	found = g_checksum_get_string(tally.sum);
	if (ok && any && expected && !g_str_equal(expected, found)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "sha256: program, folder and checker are not those that are meant "
			    "(%.16s…): "
			    "they are %.16s…; allowed: those, or no sha256",
			    expected, found);
		ok = false;
	}
	if (ok && any)
		json_object_set_new(spec, "sha256", json_string(found));
	g_checksum_free(tally.sum);
	return ok;
}
