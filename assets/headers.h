/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's headers, as its Debian packages bring them, ready to build modules against. */
#pragma once
#include "assets/kmods.h"

/*
 * Folder to run make in ("…/usr/src/linux-headers-RELEASE"), fetched and unpacked when it is not
 * there. The cache's lock is held by the caller. LU_ERROR_UNSUPPORTED: the archive or the cache
 * has no such package. g_free.
 */
char *lu_headers_get(const struct lu_kmods *kmods, const char *cache, GError **error);
