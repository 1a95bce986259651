/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that boots its machine's payload, and no kernel. */
#pragma once
#include "qemu/boot/boot-files.h"

/* Path of the payload in the machine's folder. LU_ERROR_UNSUPPORTED: it is not there, or the plan
 * needs something that only a kernel with an initramfs has. */
char *lu_freestanding_find(const struct lu_plan *plan, GError **error);
/* Its loader's words; image is the path, borrowed. */
struct lu_payload lu_freestanding_payload(const struct lu_machine *machine, const char *image);
