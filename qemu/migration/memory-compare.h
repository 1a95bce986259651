/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares the memory of a migrated machine with that of its source, page by page. */
#pragma once
#include "qemu/vm/vm.h"

/*
 * Both machines are stopped. LU_ERROR_FAILED says how many pages of `to` differ from `from`, and
 * where the first one is; LU_ERROR_UNSUPPORTED when the machine's memory is not contiguous from
 * address 0.
 */
bool lu_memory_compare(struct lu_vm *from, struct lu_vm *to, const struct lu_waiter *waiter,
		       int64_t deadline_ns, GError **error);
