/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of a machine but its RAM, which is a file that QEMU shares with us (struct lu_vm_spec). */
#pragma once
#include "qemu/vm/vm.h"

/* Save those of a stopped machine to an empty file. */
bool lu_devices_save(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error);
/* Load them into a machine that was started as incoming and whose RAM is in place; it stays
 * stopped. fd: a file, read from its beginning. */
bool lu_devices_load(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error);
/* Prepare an incoming machine to run before its memory
 * is loaded. LU_ERROR_UNSUPPORTED: it cannot. */
bool lu_postcopy_allow(struct lu_vm *vm, int64_t deadline_ns, GError **error);
/* Have it load the stream that comes through that socket (QEMU gets a copy of fd). */
bool lu_postcopy_listen(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error);
