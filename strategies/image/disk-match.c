/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/image/disk-match.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum { QUOTED = 3 };

struct differences {
	GString *text;
	unsigned count;
};

static G_GNUC_PRINTF(2, 3) void add(struct differences *differences, const char *format, ...)
{
	va_list args;

	if (differences->count++ >= QUOTED)
		return;
	if (differences->text->len)
		g_string_append(differences->text, ", ");
	va_start(args, format);
	g_string_append_vprintf(differences->text, format, args);
	va_end(args);
}

static char *words(const json_t *value)
{
	return value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : g_strdup("nothing");
}

static void compare(struct differences *differences, const char *what, const json_t *expected,
		    const json_t *found, const char *key)
{
	const json_t *a = json_object_get(expected, key), *b = json_object_get(found, key);

	if (a == b || json_equal(a, b))
		return;
	g_autofree char *old = words(a);
	g_autofree char *new = words(b);

	add(differences, "%s%s%s %s instead of %s", what, *what ? ": " : "", key, new, old);
}

static void compare_file(struct differences *differences, const char *path, const json_t *expected,
			 const json_t *found)
{
	static const char *const keys[] = {"inode", "bytes", "mtime_ns", "hash", "error"};
	unsigned before = differences->count;

	for (size_t i = 0; i < G_N_ELEMENTS(keys) && differences->count == before; i++)
		compare(differences, path, expected, found, keys[i]);
}

static bool skipped(const char *path, const char *but)
{
	if (!but)
		return false;
	g_autofree char *folder = g_path_get_dirname(but);

	return !strcmp(path, but) || !strcmp(path, folder);
}

static void compare_files(struct differences *differences, const json_t *expected,
			  const json_t *found, const char *but)
{
	const char *path;
	json_t *entry;

	json_object_foreach((json_t *)expected, path, entry)
	{
		const json_t *other = json_object_get(found, path);

		if (skipped(path, but))
			continue;
		if (other)
			compare_file(differences, path, entry, other);
		else
			add(differences, "%s is gone", path);
	}
	json_object_foreach((json_t *)found, path,
			    entry) if (!json_object_get(expected, path) && !skipped(path, but))
		add(differences, "%s is new", path);
}

char *lu_disk_mismatch(const json_t *expected, const json_t *found, const char *but)
{
	struct differences differences = {g_string_new(NULL), 0};

	compare(&differences, "", expected, found, "uuid");
	compare_files(&differences, json_object_get(expected, "files"),
		      json_object_get(found, "files"), but);
	if (!but) {
		compare(&differences, "", expected, found, "free_blocks");
		compare(&differences, "", expected, found, "free_inodes");
	}
	if (differences.count > QUOTED)
		g_string_append_printf(differences.text, ", and %u more",
				       differences.count - QUOTED);
	return g_string_free(differences.text, differences.count == 0);
}
