/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a QEMU other than the machine's own, as the destination of a migration. */
#pragma once
#include <glib.h>

/*
 * wanted is a program's name on PATH, or "other": the first program there whose name begins with
 * own's and that says it is of another version. Its path, caller frees. LU_ERROR_UNSUPPORTED: there
 * is none.
 */
char *lu_other_qemu(const char *own, const char *wanted, GError **error);
