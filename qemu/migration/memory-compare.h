/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a machine that was moved is what it was: its memory, page by page. */
#pragma once
#include "qemu/vm/vm.h"

/*
 * Both stand still. LU_ERROR_FAILED says how many pages of `to` differ from `from`, and where the
 * first one is; LU_ERROR_UNSUPPORTED when the machine's memory does not begin at 0 in one piece.
 */
bool lu_memory_compare(struct lu_vm *from, struct lu_vm *to, const struct lu_waiter *waiter,
		       int64_t deadline_ns, GError **error);
