/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-up in the table that CMake generates from faults/. */
#include "model/fault.h"

const struct lu_fault *lu_fault_find(const char *name)
{
	for (size_t i = 0; lu_faults[i]; i++)
		if (g_str_equal(lu_faults[i]->name, name))
			return lu_faults[i];
	return NULL;
}
