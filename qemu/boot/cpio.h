/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cpio archive that is being made (newc; kernel:
 * Documentation/driver-api/early-userspace/buffer-format.rst). What goes in is collected in a
 * sorted table first, so that the bytes depend on the contents only. Paths are the guest's, with or
 * without a leading slash; of two entries with one path the later counts.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct lu_cpio;

/* An empty archive; lu_cpio_free(). */
struct lu_cpio *lu_cpio_new(void);
void lu_cpio_free(struct lu_cpio *cpio);
/* A folder that all may enter (0755). */
void lu_cpio_add_folder(struct lu_cpio *cpio, const char *path);
/* A character device. */
void lu_cpio_add_device(struct lu_cpio *cpio, const char *path, mode_t mode, dev_t device);
/* A symbolic link, whose target need not be there. */
void lu_cpio_add_link(struct lu_cpio *cpio, const char *path, const char *target);
/* A file with this text, which is copied. */
void lu_cpio_add_text(struct lu_cpio *cpio, const char *path, mode_t mode, const char *text);
/* A file with these bytes; takes data. */
void lu_cpio_add_bytes(struct lu_cpio *cpio, const char *path, mode_t mode, GBytes *data);
/* A file of the host, which is taken as a path; read only when the archive is written, and
 * uncompressed when its name says that it is a packed module. folder: of the cache, which has the
 * file's seal (assets/seal.h), NULL: none. */
void lu_cpio_add_file(struct lu_cpio *cpio, const char *path, mode_t mode, const char *folder,
		      char *host);
/* Whether there is an entry with this path. */
bool lu_cpio_has(const struct lu_cpio *cpio, const char *path);
/* Every folder above an entry that is not there yet: the kernel makes none by itself. */
void lu_cpio_add_parents(struct lu_cpio *cpio);
/* To where fd is now, without root. LU_ERROR_FAILED: a file cannot be read or written, or it is not
 * what its seal says. */
bool lu_cpio_write(struct lu_cpio *cpio, int fd, GError **error);
