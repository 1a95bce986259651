/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a file of the cache is still what it was when it was sealed, at its making or its first
 * use: its SHA-256 is kept in the folder, with size, modification time and inode, so that only a
 * file that was touched since is read again. What was damaged before cannot be told that way.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* path is below folder, which keeps the seal as seals/PATH.json. *sha256 (NULL: not wanted): the
 * file's, to g_free. LU_ERROR_FAILED "cache damaged: …" when the file is another or gone, or its
 * seal is torn. */
bool lu_seal_check(const char *folder, const char *path, char **sha256, GError **error);
/* Is each file of folder that has a seal what it was? */
bool lu_seal_check_all(const char *folder);
