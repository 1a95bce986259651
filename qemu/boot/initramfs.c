/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes into a guest's initramfs. */
#include "qemu/boot/initramfs.h"
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/depmod.h"
#include "assets/elf-needed.h"
#include "assets/root-path.h"
#include "model/strategy.h"
#include "qemu/boot/cpio.h"

/* Of the padding. */
#define PAD_FILE "etc/lubench/padding"
#define PAD_SEED 1

struct image {
	const struct lu_initramfs *spec;
	struct lu_cpio *cpio;
};

/* For lu_root_resolve(). */
static void add_link(void *data, const char *path, const char *target)
{
	struct image *image = data;

	lu_cpio_add_link(image->cpio, path, target);
}

static void add_skeleton(struct image *image)
{
	static const char *const folders[] = {"proc", "sys", "dev", "tmp", "run", "store", "stage"};

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		lu_cpio_add_folder(image->cpio, folders[i]);
	/* The kernel opens it for init before init can mount anything. */
	lu_cpio_add_device(image->cpio, "dev/console", 0600, makedev(5, 1));
	if (image->spec->kdat)
		lu_cpio_add_bytes(image->cpio, "etc/lubench/criu.kdat", 0644,
				  g_bytes_ref(image->spec->kdat));
	for (const struct lu_guest_file *file = image->spec->files; file && file->path; file++)
		lu_cpio_add_text(image->cpio, file->path, 0644, file->text);
	if (image->spec->init_script)
		lu_cpio_add_text(image->cpio, "etc/lubench/init-script", 0755,
				 image->spec->init_script);
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
	lu_cpio_add_file(image->cpio, path, 0755, NULL, g_steal_pointer(&host));
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
	lu_cpio_add_file(image->cpio, final, 0755, lu_assets_folder(image->spec->assets),
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
		lu_cpio_add_text(image->cpio, "etc/lubench/kexec-tools", 0644, line);
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
		lu_cpio_add_link(image->cpio, "usr/bin/sh", "busybox");
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

		if (i + 1 < files->len || g_strcmp0(feature, image->spec->lacking))
			lu_cpio_add_file(image->cpio, path, 0644, kernel->folder,
					 g_build_filename(kernel->modules, files->pdata[i], NULL));
		g_string_append_printf(list, "%s\n", path);
	}
	lu_cpio_add_text(image->cpio, list_path, 0644, list->str);
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
	lu_cpio_add_file(image->cpio, path, 0644, image->spec->kmod_dir, g_steal_pointer(&host));
	lu_cpio_add_text(image->cpio, list_path, 0644, list);
	return true;
}

/* Files keep what the host says of who may run them. */
static void add_of_host(struct image *image, const char *path, const char *folder, const char *host)
{
	bool run = access(host, X_OK) == 0;
	g_autofree char *target = g_file_read_link(host, NULL);

	if (target)
		lu_cpio_add_link(image->cpio, path, target);
	else
		lu_cpio_add_file(image->cpio, path, run ? 0755 : 0644, folder, g_strdup(host));
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

/* Those that a feature needs are there already; packed ones are unpacked, as those are. */
static bool add_modules_below(struct image *image, const char *path, const char *host,
			      GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(host, 0, &why);
	const char *name;

	if (!dir)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the modules of kernel %s: %s",
			    image->spec->kernel->release, why->message);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *from = g_build_filename(host, name, NULL);
		g_autofree char *plain = g_build_filename(path, name, NULL);
		char *end = strstr(plain, ".ko");

		if (g_file_test(from, G_FILE_TEST_IS_DIR)) {
			if (!add_modules_below(image, plain, from, error))
				return false;
			continue;
		}
		if (end)
			end[3] = '\0';
		lu_cpio_add_file(image->cpio, plain, 0644, image->spec->kernel->folder,
				 g_steal_pointer(&from));
	}
	return dir != NULL;
}

static bool add_parts(struct image *image, GError **error)
{
	GPtrArray *parts = image->spec->parts;

	for (guint i = 0; parts && i < parts->len; i++) {
		const struct lu_guest_part *part = parts->pdata[i];

		if (part->host && !add_host(image, part->path, part->host, error))
			return false;
		if (!part->host)
			lu_cpio_add_text(image->cpio, part->path, part->run ? 0755 : 0644,
					 part->text);
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

/* As Debian does: /bin, /lib64 and the like are symlinks into /usr. */
static void merge_usr(struct image *image)
{
	static const char *const tops[] = {"bin", "sbin", "lib", "lib64"};

	for (size_t i = 0; i < G_N_ELEMENTS(tops); i++) {
		g_autofree char *target = g_build_filename("usr", tops[i], NULL);

		if (lu_cpio_has(image->cpio, target))
			lu_cpio_add_link(image->cpio, tops[i], target);
	}
}

/* What an initramfs has that is made for any machine (initramfs-tools, MODULES=most: what may hold
 * the root file system, a network that leads to it, keyboards), and what that needs. */
static const char *const most[] = {
	"crypto",
	"drivers/ata",
	"drivers/block",
	"drivers/hid",
	"drivers/input",
	"drivers/mmc",
	"drivers/net/ethernet",
	"drivers/net/phy",
	"drivers/nvme",
	"drivers/scsi",
	"drivers/usb",
	"drivers/virtio",
	"fs",
	"lib",
	NULL,
};

static bool add_most_modules(struct image *image, GError **error)
{
	const struct lu_kernel *kernel = image->spec->kernel;

	for (const char *const *folder = most; image->spec->most_modules && *folder; folder++) {
		g_autofree char *from = g_build_filename(kernel->modules, "kernel", *folder, NULL);
		g_autofree char *to = g_build_filename("/usr/lib/modules", kernel->release,
						       "kernel", *folder, NULL);

		if (g_file_test(from, G_FILE_TEST_IS_DIR) &&
		    !add_modules_below(image, to, from, error))
			return false;
	}
	return true;
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
	if (!add_most_modules(image, error) || !add_features(image, error) ||
	    !add_kmods(image, error) || !add_packages(image, error) || !add_parts(image, error))
		return false;
	lu_cpio_add_parents(image->cpio);
	merge_usr(image);
	return true;
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
	lu_cpio_add_bytes(image->cpio, PAD_FILE, 0444,
			  g_bytes_new_take(bytes, words * sizeof(uint32_t)));
}

bool lu_initramfs_write(const struct lu_initramfs *spec, int fd, GError **error)
{
	struct image image = {spec, lu_cpio_new()};
	bool ok;

	lseek(fd, 0, SEEK_END);
	add_padding(&image);
	ok = collect(&image, error) && lu_cpio_write(image.cpio, fd, error);
	lu_cpio_free(image.cpio);
	return ok;
}
