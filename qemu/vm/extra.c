/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/vm/extra.h"

void lu_vm_extras_add_args(const struct lu_vm_extra *extras, size_t n, GPtrArray *args)
{
	for (size_t i = 0; i < n; i++)
		if (extras[i].add_args)
			extras[i].add_args(extras[i].data, args);
}

size_t lu_vm_extras_start(const struct lu_vm_extra *extras, size_t n, pid_t pid, GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (extras[i].started && !extras[i].started(extras[i].data, pid, error))
			return i;
	return n;
}

void lu_vm_extras_end(const struct lu_vm_extra *extras, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (extras[i].ended)
			extras[i].ended(extras[i].data);
}
