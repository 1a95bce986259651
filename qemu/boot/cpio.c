/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/boot/cpio.h"
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include "record/error.h"
#include "assets/seal.h"

/* One entry: a file of the host, bytes, a symlink, a folder or a device. */
struct entry {
	mode_t mode;
	/* regular: its contents are this file's, uncompressed when its name says .xz or .zst */
	char *host;
	char *folder; /* of the cache, which has the file's seal (assets/seal.h), NULL: none */
	GBytes *data; /* regular: or these */
	char *target; /* symlink */
	dev_t device;
};

struct lu_cpio {
	GTree *entries; /* path without leading slash → struct entry, sorted */
};

static void entry_free(gpointer data)
{
	struct entry *entry = data;

	g_free(entry->host);
	g_free(entry->folder);
	g_clear_pointer(&entry->data, g_bytes_unref);
	g_free(entry->target);
	g_free(entry);
}

static gint by_path(gconstpointer a, gconstpointer b, gpointer data)
{
	return strcmp(a, b);
}

struct lu_cpio *lu_cpio_new(void)
{
	struct lu_cpio *cpio = g_new(struct lu_cpio, 1);

	cpio->entries = g_tree_new_full(by_path, NULL, g_free, entry_free);
	return cpio;
}

void lu_cpio_free(struct lu_cpio *cpio)
{
	g_tree_unref(cpio->entries);
	g_free(cpio);
}

static const char *plain(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

static struct entry *add(struct lu_cpio *cpio, const char *path, mode_t mode)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->mode = mode;
	g_tree_replace(cpio->entries, g_strdup(plain(path)), entry);
	return entry;
}

void lu_cpio_add_folder(struct lu_cpio *cpio, const char *path)
{
	add(cpio, path, S_IFDIR | 0755);
}

void lu_cpio_add_device(struct lu_cpio *cpio, const char *path, mode_t mode, dev_t device)
{
	add(cpio, path, S_IFCHR | mode)->device = device;
}

void lu_cpio_add_link(struct lu_cpio *cpio, const char *path, const char *target)
{
	add(cpio, path, S_IFLNK | 0777)->target = g_strdup(target);
}

void lu_cpio_add_bytes(struct lu_cpio *cpio, const char *path, mode_t mode, GBytes *data)
{
	add(cpio, path, S_IFREG | mode)->data = data;
}

void lu_cpio_add_text(struct lu_cpio *cpio, const char *path, mode_t mode, const char *text)
{
	lu_cpio_add_bytes(cpio, path, mode, g_bytes_new(text, strlen(text)));
}

void lu_cpio_add_file(struct lu_cpio *cpio, const char *path, mode_t mode, const char *folder,
		      char *host)
{
	struct entry *entry = add(cpio, path, S_IFREG | mode);

	entry->host = host;
	entry->folder = g_strdup(folder);
}

bool lu_cpio_has(const struct lu_cpio *cpio, const char *path)
{
	return g_tree_lookup(cpio->entries, plain(path)) != NULL;
}

static void add_parents(struct lu_cpio *cpio, const char *path)
{
	g_autofree char *parent = g_path_get_dirname(path);

	if (!strcmp(parent, ".") || lu_cpio_has(cpio, parent))
		return;
	add_parents(cpio, parent);
	lu_cpio_add_folder(cpio, parent);
}

static gboolean take_path(gpointer key, gpointer value, gpointer data)
{
	g_ptr_array_add(data, key);
	return FALSE;
}

void lu_cpio_add_parents(struct lu_cpio *cpio)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	g_tree_foreach(cpio->entries, take_path, paths);
	for (guint i = 0; i < paths->len; i++)
		add_parents(cpio, paths->pdata[i]);
}

/* The file's bytes; compressed modules are stored uncompressed, as finit_module expects them. */
static GBytes *load(const char *path, GError **error)
{
	bool packed = strstr(path, ".ko.") != NULL;
	struct archive *archive = archive_read_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct archive_entry *entry;
	guint8 buffer[65536];
	la_ssize_t got = -1;
	int status;

	if (packed)
		archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);
	status = archive_read_open_filename(archive, path, sizeof(buffer));
	if (status == ARCHIVE_OK)
		status = archive_read_next_header(archive, &entry);
	if (status == ARCHIVE_OK)
		while ((got = archive_read_data(archive, buffer, sizeof(buffer))) > 0)
			g_byte_array_append(bytes, buffer, (guint)got);
	if (got < 0 && status != ARCHIVE_EOF)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", path,
			    archive_error_string(archive));
	archive_read_free(archive);
	return got < 0 && status != ARCHIVE_EOF
		       ? NULL
		       : g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

struct output {
	struct archive *archive;
	gint64 inode;
	GError *error;
};

static bool write_header(struct output *output, const char *path, const struct entry *from,
			 gsize size)
{
	struct archive_entry *entry = archive_entry_new();
	int status;

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, from->mode);
	archive_entry_set_ino64(entry, ++output->inode);
	archive_entry_set_nlink(entry, S_ISDIR(from->mode) ? 2 : 1);
	archive_entry_set_mtime(entry, 0, 0);
	if (S_ISCHR(from->mode))
		archive_entry_set_rdev(entry, from->device);
	if (from->target)
		archive_entry_set_symlink(entry, from->target);
	/* newc needs the size of every entry. */
	archive_entry_set_size(entry, (la_int64_t)size);
	status = archive_write_header(output->archive, entry);
	archive_entry_free(entry);
	return status == ARCHIVE_OK;
}

static GBytes *contents(const struct entry *entry, GError **error)
{
	if (!entry->host)
		return entry->data ? g_bytes_ref(entry->data) : g_bytes_new(NULL, 0);
	if (entry->folder && !lu_seal_check(entry->folder, entry->host, NULL, error))
		return NULL;
	return load(entry->host, error);
}

/* Returns true to stop at an error (GTraverseFunc). */
static gboolean write_entry(gpointer path, gpointer value, gpointer data)
{
	struct output *output = data;
	struct entry *entry = value;
	g_autoptr(GBytes) bytes = contents(entry, &output->error);
	gsize size;
	const void *start;

	if (!bytes)
		return TRUE;
	start = g_bytes_get_data(bytes, &size);
	if (write_header(output, path, entry, size) &&
	    (!size || archive_write_data(output->archive, start, size) == (la_ssize_t)size))
		return FALSE;
	g_set_error(&output->error, LU_ERROR, LU_ERROR_FAILED, "initramfs: %s: %s",
		    archive_error_string(output->archive),
		    g_strerror(archive_errno(output->archive)));
	return TRUE;
}

bool lu_cpio_write(struct lu_cpio *cpio, int fd, GError **error)
{
	struct output output = {.archive = archive_write_new()};

	archive_write_set_format_cpio_newc(output.archive);
	archive_write_add_filter_none(output.archive);
	archive_write_set_bytes_per_block(output.archive, 1 << 20);
	/* No padding to a tape record after the trailer. */
	archive_write_set_bytes_in_last_block(output.archive, 1);
	if (archive_write_open_fd(output.archive, fd) == ARCHIVE_OK)
		g_tree_foreach(cpio->entries, write_entry, &output);
	if (archive_write_close(output.archive) != ARCHIVE_OK && !output.error)
		g_set_error(&output.error, LU_ERROR, LU_ERROR_FAILED, "initramfs: %s",
			    archive_error_string(output.archive));
	archive_write_free(output.archive);
	if (!output.error)
		return true;
	g_propagate_error(error, output.error);
	return false;
}
