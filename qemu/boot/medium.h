/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a guest sees as disks, or that QEMU reads: memory files, so that nothing is left
 * behind however the process ends. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A release on a medium: the kernel at `at`, the initramfs at the next multiple of 4096 after it. */
struct lu_medium_part {
	int64_t at, kernel_bytes, initrd_bytes; /* kernel_bytes 0: it is not there */
};

/* Releases to be loaded, on a read-only disk. */
struct lu_medium {
	int fd;				/* -1: none */
	int64_t end;			/* of the last part, a multiple of 4096 */
	struct lu_medium_part parts[2]; /* by enum lu_release */
};

/* A new empty memory file (close-on-exec). -1 with LU_ERROR_FAILED. */
int lu_memfile_new(const char *name, GError **error);
/* Memory allocated for a file, in bytes; 0 for fd -1. */
int64_t lu_memfile_used(int fd);
/* SHA-256 of a file's contents; g_free. NULL with LU_ERROR_FAILED. */
char *lu_memfile_hash(int fd, GError **error);
/* Adds a release, 0 or 1, of a kernel image and an initramfs (read from 0), and makes the medium's
 * file for the first one. LU_ERROR_FAILED names what cannot be read; the medium is then cleared. */
bool lu_medium_add(struct lu_medium *medium, unsigned release, const char *kernel, int initrd,
		   GError **error);
void lu_medium_clear(struct lu_medium *medium);
/* A sparse disk of that size; -1 with error. */
int lu_medium_disk(const char *name, unsigned mb, GError **error);
