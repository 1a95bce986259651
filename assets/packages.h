/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packages that a user names for guests, beside the set of a machine: all their files, and the
 * libraries that programs among these need. Kept like a set, under the link
 * current-ARCH-packages-HASH, the hash being that of their names.
 */
#pragma once
#include "assets/assets.h"

struct lu_packages {
	char *root; /* where they are unpacked */
	GPtrArray
		*files; /* guest paths below it of what guests are given; links are not followed */
	json_t *list;	/* [{"package","version","architecture","sha256"}] */
	int fd;		/* of the manifest, with a shared lock */
};

/*
 * Found in the cache, or fetched first. names holds strings, at least one. LU_ERROR_UNSUPPORTED
 * names a package that the archive does not have, or a library that none brings.
 */
struct lu_packages *lu_packages_open(const struct lu_machine *machine, GPtrArray *names,
				     const struct lu_assets_options *options, GError **error);
void lu_packages_free(struct lu_packages *packages); /* NULL is fine */
