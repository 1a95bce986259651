/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a guest sees as disks, or that QEMU reads: memory files, so that nothing is left
 * behind however the process ends. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The next release on a read-only disk: the kernel at 0, the initramfs at the
 * next multiple of 4096. */
struct lu_medium {
	int fd; /* -1: none */
	int64_t kernel_bytes, initrd_bytes;
};

/* A new empty memory file (close-on-exec). -1 with LU_ERROR_FAILED. */
int lu_memfile_new(const char *name, GError **error);
/* Memory allocated for a file, in bytes; 0 for fd -1. */
int64_t lu_memfile_used(int fd);
/* SHA-256 of a file's contents; g_free. NULL with LU_ERROR_FAILED. */
char *lu_memfile_hash(int fd, GError **error);
/* Fills *medium from a kernel image and an initramfs (read from 0).
 * LU_ERROR_FAILED names the file. */
bool lu_medium_next(struct lu_medium *medium, const char *kernel, int initrd, GError **error);
void lu_medium_clear(struct lu_medium *medium);
/* A sparse disk of that size; -1 with error. */
int lu_medium_disk(const char *name, unsigned mb, GError **error);
