/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a file of the cache is still what it was when it was first used: its SHA-256 is kept
 * beside it, with size, modification time and inode, so that only a file that was touched since is
 * read again. What was damaged before its first use cannot be told that way.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Keeps the seal in folder, as seal-NAME.json. LU_ERROR_FAILED "cache damaged: …" when the file is
 * another, empty or gone. */
bool lu_seal_check(const char *folder, const char *path, GError **error);
