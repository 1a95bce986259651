/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .deb unpacked below a root, as an ordinary user. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/*
 * Unpacks the data member of deb below root (which exists) into Debian's merged /usr: bin, sbin and
 * lib* of the package go to usr/…; documentation, translations and device nodes are left out.
 * Owners are not set. An entry whose path or link would leave root is an error (LU_ERROR_FAILED
 * names deb and entry), as is a full disk. The guest paths of its regular files are appended to
 * files (strings to g_free; may be NULL).
 */
bool lu_deb_unpack(const char *deb, const char *root, GPtrArray *files, GError **error);
/* Makes the symlinks bin, sbin, lib, lib64 → usr/… where root has the target. */
bool lu_root_merge_usr(const char *root, GError **error);
/* Sets LU_ERROR_FAILED, which says how much space dir's file system has left when code is about
 * space. Always false. */
bool lu_write_error(int code, const char *what, const char *dir, GError **error);
