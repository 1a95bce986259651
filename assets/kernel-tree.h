/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel built from source and used where it was built: the folder
 * in which `make` ran (or O=FOLDER), with its modules installed into
 * itself (`make modules_install INSTALL_MOD_PATH=FOLDER`).
 */
#pragma once
#include "assets/assets.h"

/*
 * LU_ERROR_USAGE names the folder, what is missing or not for this machine, and how to make it.
 * modules.dep exists since the modules' installation. Free with lu_kernel_tree_free.
 */
struct lu_kernel *lu_kernel_tree_open(const char *path, const struct lu_machine *machine,
				      GError **error);
void lu_kernel_tree_free(struct lu_kernel *kernel);
typedef struct lu_kernel lu_kernel;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lu_kernel, lu_kernel_tree_free)
/* The kernel's own name of the architecture (its folder below arch/), which make needs when it is
 * not the host's; g_free. */
char *lu_kernel_tree_arch(const char *path);
