/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/boot/medium.h"

enum { ALIGN = 4096 };

static bool failed(GError **error, const char *doing, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s %s: %s", doing, what, g_strerror(errno));
	return false;
}

int lu_memfile_new(const char *name, GError **error)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		failed(error, "memory file for", name);
	return fd;
}

int64_t lu_memfile_used(int fd)
{
	struct stat stat;

	return fd >= 0 && !fstat(fd, &stat) ? (int64_t)stat.st_blocks * 512 : 0;
}

char *lu_memfile_hash(int fd, GError **error)
{
	g_autoptr(GMappedFile) map = g_mapped_file_new_from_fd(fd, FALSE, NULL);

	if (map)
		return g_compute_checksum_for_data(G_CHECKSUM_SHA256,
						   (const guchar *)g_mapped_file_get_contents(map),
						   g_mapped_file_get_length(map));
	failed(error, "reading", "a memory file");
	return NULL;
}

/* The whole of one file to offset `at` of another; *bytes is its size. */
static bool append(int to, int64_t at, int from, const char *name, int64_t *bytes, GError **error)
{
	struct stat stat;
	off_t offset = 0;

	if (fstat(from, &stat) < 0 || lseek(to, at, SEEK_SET) < 0)
		return failed(error, "copying", name);
	while (offset < stat.st_size) {
		ssize_t n = sendfile(to, from, &offset, stat.st_size - offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return failed(error, "copying", name);
	}
	*bytes = stat.st_size;
	return true;
}

static int64_t round_up(int64_t bytes)
{
	return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static bool fill(struct lu_medium *medium, struct lu_medium_part *part, int kernel,
		 const char *name, int initrd, GError **error)
{
	int64_t second;

	part->at = medium->end;
	if (!append(medium->fd, part->at, kernel, name, &part->kernel_bytes, error))
		return false;
	second = part->at + round_up(part->kernel_bytes);
	if (!append(medium->fd, second, initrd, "the initramfs", &part->initrd_bytes, error))
		return false;
	medium->end = second + round_up(part->initrd_bytes);
	if (ftruncate(medium->fd, medium->end) < 0)
		return failed(error, "sizing", "the medium of releases");
	return true;
}

bool lu_medium_add(struct lu_medium *medium, unsigned release, const char *kernel, int initrd,
		   GError **error)
{
	int from = open(kernel, O_RDONLY | O_CLOEXEC);
	bool ok = from >= 0 || failed(error, "opening", kernel);

	if (ok && medium->fd < 0)
		medium->fd = lu_memfile_new("next", error);
	ok = ok && medium->fd >= 0 &&
	     fill(medium, &medium->parts[release], from, kernel, initrd, error);
	if (from >= 0)
		close(from);
	if (!ok)
		lu_medium_clear(medium);
	return ok;
}

void lu_medium_clear(struct lu_medium *medium)
{
	if (medium->fd >= 0)
		close(medium->fd);
	*medium = (struct lu_medium){.fd = -1};
}

int lu_medium_disk(const char *name, unsigned mb, GError **error)
{
	int fd = lu_memfile_new(name, error);

	if (fd >= 0 && ftruncate(fd, (off_t)mb << 20) < 0) {
		failed(error, "sizing", name);
		close(fd);
		return -1;
	}
	return fd;
}
