/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's ELF: the packaged image itself, or what is packed inside a bzImage. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/*
 * Writes the uncompressed ELF of image to path. An image that is an ELF already is hard-linked. A
 * bzImage is opened by its setup header: magic "HdrS" at 0x202, setup_sects at 0x1f1,
 * payload_offset at 0x248 and payload_length at 0x24c, counted from the protected-mode code at
 * (setup_sects + 1) * 512; the payload is compressed (gzip, bzip2, LZMA, XZ, LZ4, zstd) with the
 * uncompressed size appended (kernel: its boot protocol, from 2.08 on).
 * LU_ERROR_UNSUPPORTED names an image of another form; LU_ERROR_FAILED a broken one or a disk that
 * is full.
 */
bool lu_vmlinux_extract(const char *image, const char *path, GError **error);
