/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line. */
#pragma once
#include <glib.h>
#include "qemu/vm/vm.h"

/* The child's ends of the three socket pairs. */
struct lu_vm_sockets {
	int qmp, console, agent;
};

/* NULL-terminated strings, owned by the array. Descriptors are named by number: the child must
 * inherit them. */
GPtrArray *lu_qemu_args(const struct lu_vm_spec *spec, const struct lu_vm_sockets *sockets);
/* Whether each of several vCPUs is emulated by a thread of its own. */
bool lu_qemu_has_threads(const struct lu_vm_spec *spec);
