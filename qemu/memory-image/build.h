/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A release's memory image, made once by booting it, as one would when building a release, and
 * cached under a hash of everything that went into it.
 */
#pragma once
#include "qemu/memory-image/file.h"
#include "qemu/boot/boot-files.h"

/*
 * The memory image of the next release in the form that files->needs asks for, for a guest with
 * these boot files. From the cache, else by a boot of some seconds. Call it on the main thread
 * (qemu/vm/process.h). NULL with the error of the boot or of the cache.
 */
struct lu_image *lu_image_get(struct lu_boot_files *files, const char *accel,
			      const struct lu_qemu_options *options, GError **error);
