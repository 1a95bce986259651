/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "bench/exec/executor.h"
#include "record/error.h"

const struct lu_executor *lu_executor_find(const char *name, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; lu_executors[i]; i++) {
		if (strcmp(lu_executors[i]->name, name) == 0)
			return lu_executors[i];
		g_string_append_printf(names, "%s%s", i ? ", " : "", lu_executors[i]->name);
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "executor %s: not known; allowed: %s", name,
		    names->str);
	return NULL;
}
