/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's ELF out of a bzImage. */
#include "assets/vmlinux.h"
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"

#define SETUP_SECTS    0x1f1
#define HEADER_MAGIC   0x202
#define PROTOCOL       0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END     0x268

static bool bad(GError **error, int code, const char *image, const char *what)
{
	g_set_error(error, LU_ERROR, code, "%s: %s", image, what);
	return false;
}

static guint32 le32(const char *at)
{
	guint32 value;

	memcpy(&value, at, sizeof(value));
	return GUINT32_FROM_LE(value);
}

static guint16 le16(const char *at)
{
	guint16 value;

	memcpy(&value, at, sizeof(value));
	return GUINT16_FROM_LE(value);
}

/* The compressed payload inside the bzImage, borrowed from bytes. */
static bool find_payload(const char *image, const char *bytes, gsize size, const char **payload,
			 gsize *length, GError **error)
{
	guint64 start, sectors;

	if (size < HEADER_END || memcmp(bytes + HEADER_MAGIC, "HdrS", 4))
		return bad(error, LU_ERROR_UNSUPPORTED, image, "neither an ELF nor a bzImage");
	if (le16(bytes + PROTOCOL) < 0x208)
		return bad(error, LU_ERROR_UNSUPPORTED, image, "boot protocol before 2.08");
	sectors = (guint8)bytes[SETUP_SECTS] ? (guint8)bytes[SETUP_SECTS] : 4;
	start = (sectors + 1) * 512 + le32(bytes + PAYLOAD_OFFSET);
	*length = le32(bytes + PAYLOAD_LENGTH);
	if (start > size || *length > size - start || *length < 8)
		return bad(error, LU_ERROR_FAILED, image, "its payload ends beyond the file");
	*payload = bytes + start;
	/* The build appends the uncompressed size, which decompressors must not see; gzip has it in
	 * its own trailer. */
	if (memcmp(*payload, "\x1f\x8b", 2))
		*length -= 4;
	return true;
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
	la_ssize_t got;

	while ((got = archive_read_data(archive, buffer, sizeof(buffer))) > 0)
		if (!write_all(fd, buffer, (size_t)got)) {
			archive_set_error(archive, errno, "%s", g_strerror(errno));
			return false;
		}
	return got == 0;
}

static bool decompress(const char *payload, gsize length, int fd, char **why)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	bool ok;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	ok = archive_read_open_memory(archive, payload, length) == ARCHIVE_OK &&
	     archive_read_next_header(archive, &entry) == ARCHIVE_OK && copy_out(archive, fd);
	if (!ok)
		*why = g_strdup(archive_error_string(archive));
	archive_read_free(archive);
	return ok;
}

static bool is_elf_file(const char *path)
{
	char magic[SELFMAG];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool elf =
		fd >= 0 && read(fd, magic, SELFMAG) == SELFMAG && !memcmp(magic, ELFMAG, SELFMAG);

	if (fd >= 0)
		close(fd);
	return elf;
}

static bool extract(const char *image, const char *payload, gsize length, const char *path,
		    GError **error)
{
	g_autofree char *why = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0)
		return bad(error, LU_ERROR_FAILED, path, g_strerror(errno));
	ok = decompress(payload, length, fd, &why);
	if (close(fd) < 0 && ok) {
		why = g_strdup(g_strerror(errno));
		ok = false;
	}
	if (!ok)
		bad(error, LU_ERROR_FAILED, image, why ? why : "its payload does not decompress");
	else if (!is_elf_file(path))
		ok = bad(error, LU_ERROR_UNSUPPORTED, image, "its payload is no ELF");
	if (!ok)
		unlink(path);
	return ok;
}

bool lu_vmlinux_extract(const char *image, const char *path, GError **error)
{
	g_autoptr(GMappedFile) map = NULL;
	g_autoptr(GError) cause = NULL;
	const char *bytes, *payload = NULL;
	gsize size, length = 0;

	if (is_elf_file(image))
		return link(image, path) == 0 ||
		       bad(error, LU_ERROR_FAILED, path, g_strerror(errno));
	map = g_mapped_file_new(image, FALSE, &cause);
	if (!map)
		return bad(error, LU_ERROR_FAILED, image, cause->message);
	bytes = g_mapped_file_get_contents(map);
	size = g_mapped_file_get_length(map);
	if (!find_payload(image, bytes, size, &payload, &length, error))
		return false;
	return extract(image, payload, length, path, error);
}
