/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk "field" as a release's memory image has cached it: ext4 with some files, made once by
 * the host's mke2fs(8) and kept in the cache, since mke2fs never makes the same bytes twice. Each
 * run gets a copy in memory.
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

/* A memory file; -1 with LU_ERROR_UNSUPPORTED when there is no mke2fs, else LU_ERROR_FAILED. */
int lu_field_disk_new(GCancellable *cancellable, GError **error);
/* *finding: NULL when e2fsck(8) finds nothing to repair, else its first complaints in one line;
 * caller frees. */
bool lu_field_disk_check(int fd, GCancellable *cancellable, char **finding, GError **error);
