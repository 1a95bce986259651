/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's headers from its Debian packages, ready to build modules against. */
#pragma once
#include "assets/kmods.h"

/*
 * Folder in which to run make ("…/usr/src/linux-headers-RELEASE"), fetched and unpacked if
 * necessary. The caller holds the cache's lock. LU_ERROR_UNSUPPORTED: neither archive nor cache has
 * such a package. g_free.
 */
char *lu_headers_get(const struct lu_kmods *kmods, const char *cache, GError **error);
