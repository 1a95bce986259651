/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacking kernel images, form by form. */
#include "assets/kernel-form.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"

#define MAX_DEPTH 4	      /* of nested kernel images: more than any build makes */
#define MAX_BYTES (1LL << 30) /* of an unpacked image, so that a damaged one cannot fill the disk */

static const struct lu_kernel_form *recognise(const uint8_t *bytes, gsize size)
{
	for (size_t i = 0; lu_kernel_forms[i]; i++)
		if (lu_kernel_forms[i]->is(bytes, size))
			return lu_kernel_forms[i];
	return NULL;
}

static const uint8_t *bytes_of(GMappedFile *map)
{
	return (const uint8_t *)g_mapped_file_get_contents(map);
}

const struct lu_kernel_form *lu_kernel_form_of(const char *path)
{
	g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);

	return map ? recognise(bytes_of(map), g_mapped_file_get_length(map)) : NULL;
}

static bool bad(GError **error, int code, const char *image, const char *what)
{
	g_set_error(error, LU_ERROR, code, "%s: %s", image, what);
	return false;
}

static bool unknown(const char *image, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *all = NULL;

	for (size_t i = 0; lu_kernel_forms[i]; i++)
		g_ptr_array_add(names, (gpointer)lu_kernel_forms[i]->name);
	g_ptr_array_add(names, NULL);
	all = g_strjoinv(", ", (char **)names->pdata);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "%s: not a kernel image of a known form: %s", image, all);
	return false;
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, data, size);

		if (done < 0)
			return false;
		data += done;
		size -= (size_t)done;
	}
	return true;
}

static bool copy_out(struct archive *archive, int fd)
{
	char buffer[65536];
	int64_t total = 0;
	la_ssize_t got;

	while ((got = archive_read_data(archive, buffer, sizeof(buffer))) > 0) {
		total += got;
		if (total > MAX_BYTES) {
			archive_set_error(archive, EFBIG, "its payload is larger than %lld bytes",
					  MAX_BYTES);
			return false;
		}
		if (!write_all(fd, buffer, (size_t)got)) {
			archive_set_error(archive, errno, "%s", g_strerror(errno));
			return false;
		}
	}
	return got == 0;
}

static bool decompress(const struct lu_kernel_inside *inside, int fd, char **why)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	bool ok;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	ok = archive_read_open_memory(archive, inside->packed, inside->size) == ARCHIVE_OK &&
	     archive_read_next_header(archive, &entry) == ARCHIVE_OK && copy_out(archive, fd);
	if (!ok)
		*why = g_strdup(archive_error_string(archive));
	archive_read_free(archive);
	return ok;
}

static bool write_inside(const char *image, const struct lu_kernel_inside *inside, const char *path,
			 GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	g_autofree char *why = NULL;
	bool ok;

	if (fd < 0)
		return bad(error, LU_ERROR_FAILED, path, g_strerror(errno));
	ok = decompress(inside, fd, &why);
	if (close(fd) < 0 && ok) {
		why = g_strdup(g_strerror(errno));
		ok = false;
	}
	return ok ||
	       bad(error, LU_ERROR_FAILED, image, why ? why : "its payload cannot be decompressed");
}

static bool open_image(const char *image, GMappedFile *map, struct lu_kernel_inside *inside,
		       GError **error)
{
	gsize size = g_mapped_file_get_length(map);
	const struct lu_kernel_form *form = recognise(bytes_of(map), size);

	if (!form)
		return unknown(image, error);
	if (form->open(bytes_of(map), size, inside, error))
		return true;
	g_prefix_error(error, "%s: ", image);
	return false;
}

struct unpacking {
	const char *release, *folder;
	json_t *files;
};

static bool unpack(const char *image, const struct unpacking *to, unsigned depth, GError **error);

/* Renames an unpacked file after its form. *path: g_free. */
static const struct lu_kernel_form *give_name(const char *image, const char *unnamed,
					      const struct unpacking *to, char **path,
					      GError **error)
{
	const struct lu_kernel_form *form = lu_kernel_form_of(unnamed);
	g_autofree char *name = form ? g_strdup_printf("%s-%s", form->name, to->release) : NULL;

	if (!form) {
		bad(error, LU_ERROR_UNSUPPORTED, image,
		    "its payload is not a kernel image of a known form");
		return NULL;
	}
	*path = g_build_filename(to->folder, name, NULL);
	if (rename(unnamed, *path) == 0)
		return form;
	bad(error, LU_ERROR_FAILED, *path, g_strerror(errno));
	return NULL;
}

static bool unpack_inside(const char *image, const struct lu_kernel_inside *inside,
			  const struct unpacking *to, unsigned depth, GError **error)
{
	g_autofree char *unnamed = g_build_filename(to->folder, "kernel-unpacked", NULL);
	const struct lu_kernel_form *form = NULL;
	g_autofree char *path = NULL;

	if (write_inside(image, inside, unnamed, error))
		form = give_name(image, unnamed, to, &path, error);
	if (form && unpack(path, to, depth + 1, error)) {
		json_object_set_new(to->files, form->name, json_string(strrchr(path, '/') + 1));
		return true;
	}
	if (form)
		g_prefix_error(error, "%s: in its payload: ", image);
	unlink(form ? path : unnamed);
	return false;
}

static bool unpack(const char *image, const struct unpacking *to, unsigned depth, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GMappedFile) map = g_mapped_file_new(image, FALSE, &cause);
	struct lu_kernel_inside inside = {0};

	if (!map)
		return bad(error, LU_ERROR_FAILED, image, cause->message);
	if (depth == MAX_DEPTH)
		return bad(error, LU_ERROR_UNSUPPORTED, image, "kernel images nested too deeply");
	if (!open_image(image, map, &inside, error))
		return false;
	return !inside.size || unpack_inside(image, &inside, to, depth, error);
}

bool lu_kernel_unpack(const char *image, const char *release, const char *folder, json_t *files,
		      GError **error)
{
	const struct unpacking to = {release, folder, files};

	return unpack(image, &to, 0, error);
}
