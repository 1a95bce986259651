/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/build.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "record/error.h"
#include "assets/cache.h"
#include "host/child.h"
#include "qemu/memory-image/capture.h"

enum { VERSION_S = 20 };

/* A whole file, mapped; NULL when it is empty or cannot be mapped. */
static const uint8_t *map_file(int fd, size_t *len)
{
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) < 0 || !st.st_size)
		return NULL;
	*len = (size_t)st.st_size;
	at = mmap(NULL, *len, PROT_READ, MAP_SHARED, fd, 0);
	return at == MAP_FAILED ? NULL : at;
}

static char *hash_file(int fd)
{
	size_t len = 0;
	const uint8_t *bytes = map_file(fd, &len);
	XXH128_hash_t hash = XXH3_128bits(bytes, len);

	if (bytes)
		munmap((void *)bytes, len);
	return g_strdup_printf("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
			       (guint64)hash.high64, (guint64)hash.low64);
}

/* "QEMU emulator version 7.2.22 (Debian …)" */
static char *version_of(const char *qemu, GCancellable *cancellable, GError **error)
{
	const char *const argv[] = {qemu, "--version", NULL};
	struct lu_child child = {.argv = argv, .timeout_s = VERSION_S, .cancellable = cancellable};
	g_autofree char *says = lu_child_says(&child, error);

	return says ? g_strndup(says, strcspn(says, "\n")) : NULL;
}

/* For Debian's kernels the release's name is enough: the assets have the packages' hashes. */
static const char *kernel_id(const struct lu_kernel *kernel)
{
	return kernel->sha256 ? kernel->sha256 : kernel->release;
}

/* Everything that a memory image depends on. New reference. */
static json_t *ingredients(const struct lu_boot_files *files, const char *accel, const char *qemu)
{
	const struct lu_image_form *form = &files->needs->memory_image;
	const struct lu_kernel *kernel = lu_boot_files_kernel(files, LU_RELEASE_NEW);
	g_autofree char *initrd = hash_file(files->initrd[LU_RELEASE_NEW]);
	g_autofree char *field = hash_file(files->field);

	return json_pack("{s:s, s:O, s:s, s:s, s:s, s:O, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:b, "
			 "s:b, s:i, s:i}",
			 "format", LU_IMAGE_MAGIC, "machine", files->plan->machine->doc, "qemu",
			 qemu, "accelerator", accel, "kernel", kernel_id(kernel), "assets",
			 lu_assets_describe(files->assets), "initramfs", initrd, "field", field,
			 "cmdline", files->cmdline, "memory_mb", (int)files->layout.memory_mb,
			 "cpus", (int)files->plan->cpus, "store_mb", (int)files->needs->store_mb,
			 "data_mb", (int)files->needs->data_mb, "zstd", (int)form->zstd, "dedup",
			 (int)form->dedup, "touched_mb", (int)form->touched_mb, "compressible",
			 (int)form->compressible);
}

static char *cache_path(const json_t *made_of, const char *release)
{
	char *text = json_dumps(made_of, JSON_SORT_KEYS);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	g_autofree char *cache = lu_assets_cache_dir();

	free(text);
	return g_strdup_printf("%s/image/%s-%.16s.image", cache, release, sum);
}

static json_t *about(const struct lu_capture *capture, const json_t *made_of)
{
	json_t *brief = json_copy((json_t *)made_of);

	/* too long, and in the manifest of the set of assets */
	json_object_del(brief, "assets");
	json_object_del(brief, "machine");
	return json_pack("{s:o, s:O, s:O, s:s}", "made_of", brief, "field", capture->field,
			 "memory", capture->filled, "qemu", capture->qemu_version);
}

static bool write_parts(int fd, const struct lu_boot_files *files, const struct lu_capture *capture,
			const json_t *made_of, GError **error)
{
	size_t devices_bytes = 0, memory_bytes = 0;
	const uint8_t *devices = map_file(capture->devices, &devices_bytes);
	const uint8_t *memory = map_file(capture->memory, &memory_bytes);
	json_auto_t *what = about(capture, made_of);
	const struct lu_image_parts parts = {
		files->needs->memory_image, what, devices, devices_bytes, memory, memory_bytes,
	};
	bool ok = false;

	if (devices && memory)
		ok = lu_image_write(fd, &parts, error);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "QEMU has saved nothing");
	if (devices)
		munmap((void *)devices, devices_bytes);
	if (memory)
		munmap((void *)memory, memory_bytes);
	return ok;
}

/* The file has no name until it is complete. Another
 * run may have published the same one meanwhile. */
static bool publish(int fd, const char *path, GError **error)
{
	g_autofree char *unnamed = g_strdup_printf("/proc/self/fd/%d", fd);

	if (linkat(AT_FDCWD, unnamed, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
	return false;
}

static bool make_file(const char *path, const struct lu_boot_files *files,
		      const struct lu_capture *capture, const json_t *made_of, GError **error)
{
	g_autofree char *dir = g_path_get_dirname(path);
	int64_t most = (int64_t)files->layout.memory_mb << 20;
	bool ok;
	int fd;

	g_mkdir_with_parents(dir, 0755);
	if (!lu_cache_has_room(dir, most, "a memory image", error))
		return false;
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	if (fd < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", dir, g_strerror(errno));
		return false;
	}
	ok = write_parts(fd, files, capture, made_of, error) && publish(fd, path, error);
	close(fd);
	return ok;
}

static bool make(const char *path, struct lu_boot_files *files, const char *accel,
		 const json_t *made_of, const struct lu_qemu_options *options, GError **error)
{
	struct lu_capture capture;
	bool ok;

	if (options->note)
		options->note(options->note_data,
			      "building the next release's memory image (once, then cached)");
	if (!lu_capture_make(&capture, files, accel, options->cancellable, error))
		return false;
	ok = make_file(path, files, &capture, made_of, error);
	lu_capture_clear(&capture);
	return ok;
}

struct lu_image *lu_image_get(struct lu_boot_files *files, const char *accel,
			      const struct lu_qemu_options *options, GError **error)
{
	const char *release = lu_boot_files_kernel(files, LU_RELEASE_NEW)->release;
	g_autofree char *qemu = version_of(files->plan->machine->qemu, options->cancellable, error);
	g_autofree char *path = NULL;
	json_auto_t *made_of = NULL;

	if (!qemu)
		return NULL;
	made_of = ingredients(files, accel, qemu);
	path = cache_path(made_of, release);
	if (!g_file_test(path, G_FILE_TEST_EXISTS) &&
	    !make(path, files, accel, made_of, options, error)) {
		g_prefix_error(error, "memory image of %s: ", release);
		return NULL;
	}
	return lu_image_open(path, error);
}
