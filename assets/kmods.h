/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own kernel modules for guests: compiled by the host's compiler against the headers that the
 * kernel's Debian packages bring, or in the tree that the kernel was built in, and cached by the
 * content of sources, headers and compiler:
 *   headers/RELEASE-HASH/root/   unpacked header packages
 *   kmods/RELEASE-HASH/NAME.ko   what was built of them
 */
#pragma once
#include "assets/assets.h"

struct lu_kmods {
	const struct lu_machine *machine;
	const struct lu_kernel *kernel;
	const char *sources; /* folder with a Kbuild file; NULL: there are none */
	/* Name of the component that is worked on, whose folder may hold modules that are not built
	 * for others (a file "on-demand" there says so); NULL: none. */
	const char *component;
	/* names of modules that the folder has to have, NULL-terminated; NULL: any */
	const char *const *wanted;
	const struct lu_assets_options *options;
};

/*
 * Folder with the modules for that kernel, built if necessary (under the cache's lock); g_free.
 * LU_ERROR_UNSUPPORTED names what is missing: sources, make, compiler, header packages; or the
 * component of a wanted module that does not build for that kernel, with the compiler's first error
 * (others may: each is built by itself then).
 */
char *lu_kmods_get(const struct lu_kmods *kmods, GError **error);
