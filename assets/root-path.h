/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths below a foreign root: symlinks in it are followed as the guest would, never out of it. */
#pragma once
#include <glib.h>

/* Called for each symlink that is followed: its path in the root ("/usr/lib/x") and its target. */
typedef void (*lu_root_link_fn)(void *data, const char *path, const char *target);

/*
 * Resolves path (absolute, as seen in the guest) below root. Returns
 * the final path as seen in the guest, without symlinks; g_free. NULL
 * when it does not exist or symlinks form a loop. link may be NULL.
 */
char *lu_root_resolve(const char *root, const char *path, lu_root_link_fn link, void *data);
