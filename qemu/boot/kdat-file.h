/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A criu.kdat in the cache: the bytes in hex, and their SHA-256, in one small JSON object. */
#pragma once
#include <glib.h>

/* The agent's answer in bytes. NULL: it is not hex; to g_bytes_unref. */
GBytes *lu_kdat_from_hex(const char *text);
/* NULL without an error: there is none. NULL with LU_ERROR_FAILED: what is there is damaged, and
 * the message says how. To g_bytes_unref. */
GBytes *lu_kdat_load(const char *path, GError **error);
/* By a rename: of two runs at once one writes it whole. Without a cache to write to it is asked for
 * each time. */
void lu_kdat_save(const char *path, GBytes *kdat);
