/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .deb unpacked: an ar archive (deb(5)) whose member data.tar.* is a compressed tar,
 * both read by libarchive. */
#include "assets/unpack.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "record/error.h"

#define BLOCK 65536

/* libarchive's own guards: no "..", no absolute path, nothing written through a symlink. */
#define GUARDS                                                                                     \
	(ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_PERM)

static const char *const unwanted[] = {
	"usr/share/doc/",
	"usr/share/man/",
	"usr/share/locale/",
	"usr/share/info/",
	"usr/share/bash-completion/",
	"usr/share/lintian/",
	"usr/lib/python3/",
};

static bool out_of_space(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

bool lu_write_error(int code, const char *what, const char *dir, GError **error)
{
	struct statvfs fs;

	if (out_of_space(code) && statvfs(dir, &fs) == 0)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "%s: %s (%s has %" G_GUINT64_FORMAT " MB free)", what, g_strerror(code),
			    dir, (guint64)fs.f_bavail * fs.f_frsize / 1000000);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what, g_strerror(code));
	return false;
}

/* Debian's merged /usr, so that a path has one place only. Returns the entry's path
 * below the root; g_free. */
static char *merged_path(const char *path)
{
	static const char *const tops[] = {"bin", "sbin", "lib", "lib64", "lib32", "libx32"};
	size_t length;

	while (g_str_has_prefix(path, "./"))
		path += 2;
	length = strcspn(path, "/");
	for (size_t i = 0; i < G_N_ELEMENTS(tops); i++)
		if (strlen(tops[i]) == length && !strncmp(path, tops[i], length))
			return g_strconcat("usr/", path, NULL);
	return g_strdup(path);
}

static bool wanted(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(unwanted); i++)
		if (g_str_has_prefix(path, unwanted[i]))
			return false;
	return *path != '\0';
}

static bool leaves_root(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);

	return path[0] == '/' || g_strv_contains((const char *const *)parts, "..");
}

/* A relative symlink of n times ".." at depth d stays inside when n ≤ d; an absolute one is the
 * guest's own root. */
static bool link_leaves_root(const char *path, const char *target)
{
	g_auto(GStrv) up = g_strsplit(target, "/", -1);
	g_auto(GStrv) down = g_strsplit(path, "/", -1);
	int depth = (int)g_strv_length(down) - 1;

	if (target[0] == '/')
		return false;
	for (char **part = up; *part; part++) {
		depth += !strcmp(*part, "..") ? -1 : **part && strcmp(*part, ".") ? 1 : 0;
		if (depth < 0)
			return true;
	}
	return false;
}

static bool refuse(const char *deb, const char *path, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: entry \"%s\" would leave the folder",
		    deb, path);
	return false;
}

struct unpack {
	const char *deb;
	const char *root;
	struct archive *tar;
	struct archive *disk;
	GPtrArray *files;
};

/* Errors of the writing side are an errno only sometimes: its guards have their own messages. */
static bool disk_error(const struct unpack *unpack, GError **error)
{
	int code = archive_errno(unpack->disk);

	if (out_of_space(code))
		return lu_write_error(code, unpack->deb, unpack->root, error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", unpack->deb,
		    archive_error_string(unpack->disk));
	return false;
}

static bool copy_data(struct unpack *unpack, GError **error)
{
	const void *block;
	la_int64_t offset;
	size_t size;
	int status;

	while ((status = archive_read_data_block(unpack->tar, &block, &size, &offset)) ==
	       ARCHIVE_OK)
		if (archive_write_data_block(unpack->disk, block, size, offset) < ARCHIVE_OK)
			return disk_error(unpack, error);
	if (status == ARCHIVE_EOF)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", unpack->deb,
		    archive_error_string(unpack->tar));
	return false;
}

/* Redirects the entry into root. False with an error when it must not be there. */
static bool place(struct unpack *unpack, struct archive_entry *entry, const char *path,
		  GError **error)
{
	g_autofree char *full = g_build_filename(unpack->root, path, NULL);
	const char *hardlink = archive_entry_hardlink(entry);
	const char *symlink_to = archive_entry_symlink(entry);

	if (leaves_root(path))
		return refuse(unpack->deb, archive_entry_pathname(entry), error);
	if (symlink_to && link_leaves_root(path, symlink_to))
		return refuse(unpack->deb, archive_entry_pathname(entry), error);
	if (hardlink) {
		g_autofree char *target = merged_path(hardlink);
		g_autofree char *full_target = g_build_filename(unpack->root, target, NULL);

		if (leaves_root(target))
			return refuse(unpack->deb, archive_entry_pathname(entry), error);
		archive_entry_set_hardlink(entry, full_target);
	}
	archive_entry_set_pathname(entry, full);
	/* Readable and removable by us, whatever the package says; without set-uid. */
	archive_entry_set_perm(entry,
			       (archive_entry_perm(entry) & 0777) |
				       (archive_entry_filetype(entry) == AE_IFDIR ? 0700 : 0600));
	return true;
}

static bool unpack_entry(struct unpack *unpack, struct archive_entry *entry, GError **error)
{
	g_autofree char *path = merged_path(archive_entry_pathname(entry));
	mode_t type = archive_entry_filetype(entry);

	if (!wanted(path) || type == AE_IFCHR || type == AE_IFBLK || type == AE_IFIFO)
		return true;
	if (!place(unpack, entry, path, error))
		return false;
	if (archive_write_header(unpack->disk, entry) < ARCHIVE_OK)
		return disk_error(unpack, error);
	if (archive_entry_size(entry) > 0 && !archive_entry_hardlink(entry) &&
	    !copy_data(unpack, error))
		return false;
	if (unpack->files && type == AE_IFREG)
		g_ptr_array_add(unpack->files, g_strconcat("/", path, NULL));
	if (archive_write_finish_entry(unpack->disk) < ARCHIVE_OK)
		return disk_error(unpack, error);
	return true;
}

static bool unpack_entries(struct unpack *unpack, GError **error)
{
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(unpack->tar, &entry)) == ARCHIVE_OK ||
	       status == ARCHIVE_WARN)
		if (!unpack_entry(unpack, entry, error))
			return false;
	if (status == ARCHIVE_EOF)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", unpack->deb,
		    archive_error_string(unpack->tar));
	return false;
}

/* The inner tar is read directly from the outer ar. */
struct member {
	struct archive *ar;
	char buffer[BLOCK];
};

static la_ssize_t read_member(struct archive *tar, void *data, const void **block)
{
	struct member *member = data;
	la_ssize_t got = archive_read_data(member->ar, member->buffer, BLOCK);

	*block = member->buffer;
	if (got < 0)
		archive_set_error(tar, archive_errno(member->ar), "%s",
				  archive_error_string(member->ar));
	return got;
}

/* Positions ar at its data.tar.*. */
static bool find_data(struct archive *ar, const char *deb, GError **error)
{
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(ar, &entry)) == ARCHIVE_OK)
		if (g_str_has_prefix(archive_entry_pathname(entry), "data.tar"))
			return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", deb,
		    status == ARCHIVE_EOF ? "it has no data.tar" : archive_error_string(ar));
	return false;
}

static bool unpack_member(struct member *member, const char *deb, const char *root,
			  GPtrArray *files, GError **error)
{
	struct unpack unpack = {deb, root, archive_read_new(), archive_write_disk_new(), files};
	bool ok;

	archive_read_support_filter_all(unpack.tar);
	archive_read_support_format_tar(unpack.tar);
	archive_write_disk_set_options(unpack.disk, GUARDS);
	ok = archive_read_open(unpack.tar, member, NULL, read_member, NULL) == ARCHIVE_OK;
	if (!ok)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", deb,
			    archive_error_string(unpack.tar));
	ok = ok && unpack_entries(&unpack, error);
	if (archive_write_close(unpack.disk) < ARCHIVE_OK && ok)
		ok = disk_error(&unpack, error);
	archive_write_free(unpack.disk);
	archive_read_free(unpack.tar);
	return ok;
}

bool lu_deb_unpack(const char *deb, const char *root, GPtrArray *files, GError **error)
{
	g_autofree struct member *member = g_new0(struct member, 1);
	/* The guard against symlinks checks every component, so none of the host's may be in root's
	 * own path. */
	char *real_root = realpath(root, NULL);
	bool ok;

	if (!real_root)
		return lu_write_error(errno, root, root, error);
	member->ar = archive_read_new();
	archive_read_support_format_ar(member->ar);
	ok = archive_read_open_filename(member->ar, deb, BLOCK) == ARCHIVE_OK;
	if (!ok)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", deb,
			    archive_error_string(member->ar));
	ok = ok && find_data(member->ar, deb, error) &&
	     unpack_member(member, deb, real_root, files, error);
	archive_read_free(member->ar);
	free(real_root);
	return ok;
}

bool lu_root_merge_usr(const char *root, GError **error)
{
	static const char *const tops[] = {"bin", "sbin", "lib", "lib64"};

	for (size_t i = 0; i < G_N_ELEMENTS(tops); i++) {
		g_autofree char *path = g_build_filename(root, tops[i], NULL);
		g_autofree char *target = g_build_filename("usr", tops[i], NULL);
		g_autofree char *full = g_build_filename(root, target, NULL);

		if (access(full, F_OK) == 0 && symlink(target, path) < 0 && errno != EEXIST)
			return lu_write_error(errno, path, root, error);
	}
	return true;
}
