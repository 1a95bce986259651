/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dependencies of modules: modules.dep, made by depmod(8) of kmod when the package has none. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

/*
 * Makes modules.dep in modules_dir (…/lib/modules/RELEASE) unless it is there. LU_ERROR_UNSUPPORTED
 * without depmod (package kmod), LU_ERROR_FAILED with its message.
 */
bool lu_depmod_make(const char *modules_dir, GCancellable *cancellable, GError **error);

struct lu_modules; /* one kernel's modules.dep and modules.builtin */

struct lu_modules *lu_modules_read(const char *modules_dir, GError **error);
void lu_modules_free(struct lu_modules *modules);
/*
 * Appends to files (strings, owned by it) the files of module name and of all it needs, relative to
 * modules_dir, in load order and without those already in files. Appends nothing for a module that
 * is built in. '-' and '_' are the same (as in modprobe(8)). LU_ERROR_UNSUPPORTED names a module
 * that this kernel does not have. Soft dependencies are not followed.
 */
bool lu_modules_closure(const struct lu_modules *modules, const char *name, GPtrArray *files,
			GError **error);
