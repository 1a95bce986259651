/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/boot/field-disk.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/assets.h"
#include "host/child.h"
#include "qemu/boot/medium.h"

enum { FILES = 24, FILE_BYTES = 48 * 1024, DISK_MB = 16, TOOL_S = 60, QUOTED = 3 };

/* Change this name when the contents below change. */
#define NAME "field-1.ext4"
#define UUID "6c75626e-6368-4669-656c-646469736b31"

static bool fill_folder(const char *folder, GError **error)
{
	g_autofree char *text = g_malloc(FILE_BYTES + 1);

	for (int i = 0; i < FILES; i++) {
		g_autofree char *path = g_strdup_printf("%s/file-%02d", folder, i);

		for (int at = 0; at < FILE_BYTES; at += 16)
			g_snprintf(text + at, 17, "file %02d at %05x\n", i, (unsigned)at);
		if (!g_file_set_contents(path, text, FILE_BYTES, error))
			return false;
	}
	return true;
}

/* No journal: the running system unmounts it cleanly, and a memory image cannot hold the journal
 * state of another system. */
static bool run_mke2fs(int fd, const char *folder, GCancellable *cancellable, GError **error)
{
	const char *const argv[] = {"mke2fs",	 "-q",	 "-F",
				    "-t",	 "ext4", "-b",
				    "4096",	 "-O",	 "^has_journal,^metadata_csum",
				    "-m",	 "0",	 "-U",
				    UUID,	 "-d",	 folder,
				    "/dev/fd/3", NULL};
	struct lu_child child = {
		.argv = argv, .fd = fd, .timeout_s = TOOL_S, .cancellable = cancellable};

	return lu_child_do(&child, "mke2fs", error);
}

static bool make(int fd, const char *dir, GCancellable *cancellable, GError **error)
{
	g_autofree char *folder = g_build_filename(dir, "work-field-XXXXXX", NULL);
	bool ok;

	if (!g_mkdtemp(folder)) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", folder, g_strerror(errno));
		return false;
	}
	ok = fill_folder(folder, error) && run_mke2fs(fd, folder, cancellable, error);
	lu_cache_remove_tree(folder);
	return ok;
}

static bool read_all(int fd, char *bytes, size_t len)
{
	return pread(fd, bytes, len, 0) == (ssize_t)len;
}

int lu_field_disk_new(GCancellable *cancellable, GError **error)
{
	g_autofree char *cache = lu_assets_cache_dir();
	g_autofree char *dir = g_build_filename(cache, "image", NULL);
	g_autofree char *path = g_build_filename(dir, NAME, NULL);
	g_autofree char *bytes = NULL;
	size_t len = (size_t)DISK_MB << 20;
	int fd = lu_medium_disk("field", DISK_MB, error);

	if (fd < 0)
		return -1;
	g_mkdir_with_parents(dir, 0755);
	if (g_file_get_contents(path, &bytes, &len, NULL) && len == (size_t)DISK_MB << 20 &&
	    pwrite(fd, bytes, len, 0) == (ssize_t)len)
		return fd;
	g_free(bytes);
	len = (size_t)DISK_MB << 20;
	bytes = g_malloc(len);
	if (make(fd, dir, cancellable, error) && read_all(fd, bytes, len) &&
	    g_file_set_contents(path, bytes, (gssize)len, error))
		return fd;
	if (error && !*error)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the disk \"field\": %s",
			    g_strerror(errno));
	close(fd);
	return -1;
}

static char *first_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) quoted = g_string_new(NULL);
	int taken = 0;

	for (char **line = lines; *line && taken < QUOTED; line++) {
		if (!*g_strstrip(*line) || g_str_has_prefix(*line, "Pass "))
			continue;
		g_string_append_printf(quoted, "%s%s", taken++ ? "; " : "", *line);
	}
	return g_string_free(g_steal_pointer(&quoted), FALSE);
}

bool lu_field_disk_check(int fd, GCancellable *cancellable, char **finding, GError **error)
{
	const char *const argv[] = {"e2fsck", "-f", "-n", "/dev/fd/3", NULL};
	struct lu_child child = {
		.argv = argv, .fd = fd, .timeout_s = TOOL_S, .cancellable = cancellable};
	struct lu_child_result result;

	*finding = NULL;
	if (!lu_child_run(&child, &result, error))
		return false;
	if (result.status)
		*finding = first_lines(result.out);
	lu_child_result_clear(&result);
	return true;
}
