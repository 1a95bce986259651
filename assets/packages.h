/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packages that a user names for guests, in addition to a machine's set: all their files, and the
 * libraries that their programs need. Kept like a set, under the link current-ARCH-packages-HASH,
 * the hash being that of their names.
 */
#pragma once
#include "assets/assets.h"

struct lu_packages {
	char *root;	  /* folder where they are unpacked */
	GPtrArray *files; /* for guests: paths below root; symlinks are not followed */
	json_t *list;	  /* [{"package","version","architecture","sha256"}] */
	int fd;		  /* of the manifest, with a shared lock */
};

/*
 * From the cache, or fetched. names: at least one string. LU_ERROR_UNSUPPORTED names a package that
 * the archive does not have, or a library that no package has.
 */
struct lu_packages *lu_packages_open(const struct lu_machine *machine, GPtrArray *names,
				     const struct lu_assets_options *options, GError **error);
void lu_packages_free(struct lu_packages *packages); /* NULL is fine */
