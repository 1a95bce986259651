/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unnamed files (O_TMPFILE), linked into place when complete. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "record/pending-file.h"

static bool failed(const char *dir, const char *name, GError **error)
{
	int why = errno;

	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot write %s%s%s: %s", dir,
		    name ? "/" : "", name ? name : "", g_strerror(why));
	return false;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= n;
	}
	return fsync(fd) == 0;
}

static bool fill(struct lu_pending_file *file, const char *text, size_t len, GError **error)
{
	if (file->fd >= 0 && write_all(file->fd, text, len))
		return true;
	failed(file->dir, NULL, error);
	lu_pending_clear(file);
	return false;
}

bool lu_pending_write_hidden(struct lu_pending_file *file, const char *dir, const char *text,
			     size_t len, GError **error)
{
	*file = (struct lu_pending_file){.fd = -1, .dir = g_strdup(dir)};
	char *name = g_build_filename(dir, ".lubench-XXXXXX", NULL);

	file->fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0644);
	if (file->fd >= 0)
		file->temporary = name;
	else
		g_free(name);
	return fill(file, text, len, error);
}

bool lu_pending_write(struct lu_pending_file *file, const char *dir, const char *text, size_t len,
		      GError **error)
{
	*file = (struct lu_pending_file){.dir = g_strdup(dir)};
	file->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	/* The three errors with which kernels and file systems refuse unnamed files. */
	if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		g_clear_pointer(&file->dir, g_free);
		return lu_pending_write_hidden(file, dir, text, len, error);
	}
	return fill(file, text, len, error);
}

static int give_name(const struct lu_pending_file *file, const char *path)
{
	char self[64];

	if (file->temporary)
		return renameat2(AT_FDCWD, file->temporary, AT_FDCWD, path, RENAME_NOREPLACE);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

bool lu_pending_publish(struct lu_pending_file *file, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(file->dir, name, NULL);

	if (give_name(file, path) < 0)
		return failed(file->dir, name, error);
	g_clear_pointer(&file->temporary, g_free);
	/* The name itself must survive a power failure too; not every file system
	 * can flush a directory. */
	int dirfd = open(file->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd >= 0) {
		fsync(dirfd);
		close(dirfd);
	}
	return true;
}

void lu_pending_clear(struct lu_pending_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	if (file->temporary)
		unlink(file->temporary);
	g_clear_pointer(&file->temporary, g_free);
	g_clear_pointer(&file->dir, g_free);
}
