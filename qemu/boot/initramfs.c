/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's initramfs as a cpio archive (newc; kernel:
 * Documentation/driver-api/early-userspace/buffer-format.rst). What goes in is collected in a
 * sorted table first, so that the bytes depend on the contents only.
 */
#include "qemu/boot/initramfs.h"
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/depmod.h"
#include "assets/elf-needed.h"
#include "assets/root-path.h"
#include "assets/seal.h"
#include "model/strategy.h"

/* Of the padding. */
#define PAD_FILE "etc/lubench/padding"
#define PAD_SEED 1

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

struct image {
	const struct lu_initramfs *spec;
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

static struct entry *add(struct image *image, const char *path, mode_t mode)
{
	struct entry *entry = g_new0(struct entry, 1);

	while (*path == '/')
		path++;
	entry->mode = mode;
	g_tree_replace(image->entries, g_strdup(path), entry);
	return entry;
}

/* A file of the cache, which has to be what it was when it got there. */
static void add_cached(struct image *image, const char *path, mode_t mode, const char *folder,
		       char *host)
{
	struct entry *entry = add(image, path, S_IFREG | mode);

	entry->host = host;
	entry->folder = g_strdup(folder);
}

static void add_link(void *data, const char *path, const char *target)
{
	add(data, path, S_IFLNK | 0777)->target = g_strdup(target);
}

static void add_text(struct image *image, const char *path, const char *text, mode_t mode)
{
	add(image, path, S_IFREG | mode)->data = g_bytes_new(text, strlen(text));
}

/* Every folder above path that does not exist yet. */
static void add_parents(struct image *image, const char *path)
{
	g_autofree char *parent = g_path_get_dirname(path);

	if (!strcmp(parent, ".") || g_tree_lookup(image->entries, parent))
		return;
	add_parents(image, parent);
	add(image, parent, S_IFDIR | 0755);
}

static void add_skeleton(struct image *image)
{
	static const char *const folders[] = {"proc", "sys", "dev", "tmp", "run", "store", "stage"};

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		add(image, folders[i], S_IFDIR | 0755);
	/* The kernel opens it for init before init can mount anything. */
	add(image, "dev/console", S_IFCHR | 0600)->device = makedev(5, 1);
	if (image->spec->kdat)
		add(image, "etc/lubench/criu.kdat", S_IFREG | 0644)->data =
			g_bytes_ref(image->spec->kdat);
	for (const struct lu_guest_file *file = image->spec->files; file && file->path; file++)
		add_text(image, file->path, file->text, 0644);
	if (image->spec->init_script)
		add_text(image, "etc/lubench/init-script", image->spec->init_script, 0755);
}

/* A program that is built with lubench (agent/CMakeLists.txt): agent_dir/NAME-ARCH. */
static bool add_own(struct image *image, const char *name, const char *path, GError **error)
{
	g_autofree char *file = g_strdup_printf("%s-%s", name, image->spec->machine->arch);
	g_autofree char *host = g_build_filename(image->spec->agent_dir, file, NULL);

	if (access(host, R_OK) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "no program %s for guests: %s is not built", name, host);
		return false;
	}
	add(image, path, S_IFREG | 0755)->host = g_steal_pointer(&host);
	return true;
}

/* A file from the packages, under its path in the guest, with the symlinks that lead to it. */
static bool add_packaged(struct image *image, const char *path, GError **error)
{
	const char *root = lu_assets_root(image->spec->assets);
	g_autofree char *final = lu_root_resolve(root, path, add_link, image);

	if (!final) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "%s is not below %s", path,
			    root);
		return false;
	}
	add_cached(image, final, 0755, lu_assets_folder(image->spec->assets),
		   g_strconcat(root, final, NULL));
	return true;
}

/* A service that no package has is one of ours. */
static bool add_service(struct image *image, const char *name, GError **error)
{
	g_autofree char *place = g_strconcat("usr/bin/", name, NULL);

	return add_own(image, name, place, error);
}

/* Arguments that kexec-tools need on this machine: "ZONE ARG…", with "-" for no zone. */
static void add_kexec_words(struct image *image)
{
	const struct lu_machine *machine = image->spec->machine;
	const char *zone = machine->kexec_tools_zone;
	g_autofree char *args = g_strjoinv(" ", machine->kexec_tools_args);
	g_autofree char *line = g_strdup_printf("%s %s\n", zone ?: "-", args);

	if (zone || *args)
		add_text(image, "etc/lubench/kexec-tools", line, 0644);
}

static bool add_program(struct image *image, const char *name, GError **error)
{
	const char *root = lu_assets_root(image->spec->assets);
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const char *path;
	GHashTableIter iter;
	gpointer key;

	/* A library, but built and found like a program. */
	if (!strcmp(name, "nolock"))
		return add_own(image, name, "usr/lib/lubench/libnftables.so.1", error);
	path = lu_assets_guest_path(name);
	if (!path)
		return add_service(image, name, error);
	if (!lu_elf_closure(root, path, files, NULL, error))
		return false;
	/* The shell; its other commands are built in. */
	if (!strcmp(name, "busybox"))
		add_link(image, "usr/bin/sh", "busybox");
	if (!strcmp(name, "kexec"))
		add_kexec_words(image);
	g_hash_table_iter_init(&iter, files);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!add_packaged(image, key, error))
			return false;
	return true;
}

/* "kernel/fs/ext4/ext4.ko.xz" → guest path "/usr/lib/modules/R/kernel/fs/ext4/ext4.ko" */
static char *module_path(const char *release, const char *file)
{
	const char *end = strstr(file, ".ko");
	size_t length = end ? (size_t)(end - file) + 3 : strlen(file);
	g_autofree char *plain = g_strndup(file, length);

	return g_build_filename("/usr/lib/modules", release, plain, NULL);
}

static bool add_feature(struct image *image, const struct lu_modules *modules, const char *feature,
			GError **error)
{
	const struct lu_kernel *kernel = image->spec->kernel;
	json_t *names = json_object_get(image->spec->machine->features, feature);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) list = g_string_new(NULL);
	g_autofree char *list_path = g_build_filename("etc/lubench/modules", feature, NULL);
	json_t *name;
	size_t i;

	if (!json_is_array(names)) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "machine %s has no feature \"%s\"", image->spec->machine->name,
			    feature);
		return false;
	}
	json_array_foreach(names, i, name) if (!lu_modules_closure(modules, json_string_value(name),
								   files, error)) return false;
	for (i = 0; i < files->len; i++) {
		g_autofree char *path = module_path(kernel->release, files->pdata[i]);

		add_cached(image, path, 0644, kernel->folder,
			   g_build_filename(kernel->modules, files->pdata[i], NULL));
		g_string_append_printf(list, "%s\n", path);
	}
	add_text(image, list_path, list->str, 0644);
	return true;
}

static bool add_features(struct image *image, GError **error)
{
	const char *const *feature = image->spec->features;
	struct lu_modules *modules;
	bool ok = true;

	if (!feature || !*feature)
		return true;
	modules = lu_modules_read(image->spec->kernel->modules, error);
	if (!modules)
		return false;
	for (; ok && *feature; feature++)
		ok = add_feature(image, modules, *feature, error);
	lu_modules_free(modules);
	return ok;
}

/* Our own modules: each is a feature, whose list has the module and its parameters. */
static bool add_kmod(struct image *image, const struct lu_kmod *kmod, GError **error)
{
	const char *release = image->spec->kernel->release;
	g_autofree char *file = g_strconcat(kmod->name, ".ko", NULL);
	g_autofree char *host = g_build_filename(image->spec->kmod_dir, file, NULL);
	g_autofree char *path = g_build_filename("/usr/lib/modules", release, "extra", file, NULL);
	g_autofree char *list_path = g_build_filename("etc/lubench/modules", kmod->name, NULL);
	g_autofree char *list = g_strdup_printf("%s %s\n", path, kmod->params);

	if (access(host, R_OK) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "our module %s is not built for this guest's kernel", kmod->name);
		return false;
	}
	add_cached(image, path, 0644, image->spec->kmod_dir, g_steal_pointer(&host));
	add_text(image, list_path, list, 0644);
	return true;
}

/* Files keep what the host says of who may run them. */
static void add_of_host(struct image *image, const char *path, const char *folder, const char *host)
{
	bool run = access(host, X_OK) == 0;
	g_autofree char *target = g_file_read_link(host, NULL);

	if (target)
		add_link(image, path, target);
	else
		add_cached(image, path, run ? 0755 : 0644, folder, g_strdup(host));
}

static bool add_packages(struct image *image, GError **error)
{
	const struct lu_packages *packages = image->spec->packages;
	g_autofree char *folder = packages ? g_path_get_dirname(packages->root) : NULL;

	for (guint i = 0; packages && i < packages->files->len; i++) {
		const char *path = packages->files->pdata[i];
		g_autofree char *host = g_strconcat(packages->root, path, NULL);

		add_of_host(image, path, folder, host);
	}
	return true;
}

/* A file, or a folder with all below it. */
static bool add_host(struct image *image, const char *path, const char *host, GError **error)
{
	bool link = g_file_test(host, G_FILE_TEST_IS_SYMLINK);
	g_autoptr(GDir) dir = link ? NULL : g_dir_open(host, 0, NULL);
	const char *name;

	if (!dir && !link && !g_file_test(host, G_FILE_TEST_IS_REGULAR)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s, which the guest's %s comes from: not a readable file, folder or "
			    "link",
			    host, path);
		return false;
	}
	if (!dir)
		add_of_host(image, path, NULL, host);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		g_autofree char *from = g_build_filename(host, name, NULL);

		if (!add_host(image, below, from, error))
			return false;
	}
	return true;
}

static bool add_parts(struct image *image, GError **error)
{
	GPtrArray *parts = image->spec->parts;

	for (guint i = 0; parts && i < parts->len; i++) {
		const struct lu_guest_part *part = parts->pdata[i];

		if (part->host && !add_host(image, part->path, part->host, error))
			return false;
		if (!part->host)
			add_text(image, part->path, part->text, part->run ? 0755 : 0644);
	}
	return true;
}

static bool add_kmods(struct image *image, GError **error)
{
	GPtrArray *kmods = image->spec->kmods;

	for (guint i = 0; kmods && i < kmods->len; i++)
		if (!add_kmod(image, kmods->pdata[i], error))
			return false;
	return true;
}

static gboolean add_parents_of(gpointer key, gpointer value, gpointer data)
{
	g_ptr_array_add(data, key);
	return FALSE;
}

/* Debian's merged /usr: /bin, /lib64 and the like are symlinks into /usr. */
static void add_folders(struct image *image)
{
	static const char *const tops[] = {"bin", "sbin", "lib", "lib64"};
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	g_tree_foreach(image->entries, add_parents_of, paths);
	for (guint i = 0; i < paths->len; i++)
		add_parents(image, paths->pdata[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(tops); i++) {
		g_autofree char *target = g_build_filename("usr", tops[i], NULL);

		if (g_tree_lookup(image->entries, target))
			add_link(image, tops[i], target);
	}
}

static bool collect(struct image *image, GError **error)
{
	const char *const *program = image->spec->programs;

	add_skeleton(image);
	if (!add_own(image, "agent", "init", error))
		return false;
	for (; program && *program; program++)
		if (!add_program(image, *program, error))
			return false;
	if (!add_features(image, error) || !add_kmods(image, error) ||
	    !add_packages(image, error) || !add_parts(image, error))
		return false;
	add_folders(image);
	return true;
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

static bool write_out(struct image *image, int fd, GError **error)
{
	struct output output = {.archive = archive_write_new()};

	archive_write_set_format_cpio_newc(output.archive);
	archive_write_add_filter_none(output.archive);
	archive_write_set_bytes_per_block(output.archive, 1 << 20);
	/* No padding to a tape record after the trailer. */
	archive_write_set_bytes_in_last_block(output.archive, 1);
	if (archive_write_open_fd(output.archive, fd) == ARCHIVE_OK)
		g_tree_foreach(image->entries, write_entry, &output);
	if (archive_write_close(output.archive) != ARCHIVE_OK && !output.error)
		g_set_error(&output.error, LU_ERROR, LU_ERROR_FAILED, "initramfs: %s",
			    archive_error_string(output.archive));
	archive_write_free(output.archive);
	if (!output.error)
		return true;
	g_propagate_error(error, output.error);
	return false;
}

/*
 * Incompressible, and the same each time. Zeros would cost less than a larger system does: QEMU
 * sends, and a memory image holds, a page of zeros as a few bytes.
 */
static void add_padding(struct image *image)
{
	size_t words = image->spec->pad_bytes / sizeof(uint32_t);
	uint32_t *bytes;
	GRand *random;

	if (!words)
		return;
	random = g_rand_new_with_seed(PAD_SEED);
	bytes = g_new(uint32_t, words);
	for (size_t i = 0; i < words; i++)
		bytes[i] = g_rand_int(random);
	g_rand_free(random);
	add(image, PAD_FILE, S_IFREG | 0444)->data =
		g_bytes_new_take(bytes, words * sizeof(uint32_t));
}

bool lu_initramfs_write(const struct lu_initramfs *spec, int fd, GError **error)
{
	struct image image = {
		.spec = spec,
		.entries = g_tree_new_full(by_path, NULL, g_free, entry_free),
	};
	bool ok;

	lseek(fd, 0, SEEK_END);
	add_padding(&image);
	ok = collect(&image, error) && write_out(&image, fd, error);
	g_tree_unref(image.entries);
	return ok;
}
