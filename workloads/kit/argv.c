/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/argv.h"
#include <glib.h>
#include <inttypes.h>
#include "model/param.h"

static char *value_of(const json_t *params, const char *name)
{
	if (json_is_string(json_object_get(params, name)))
		return g_strdup(lu_param_str(params, name));
	return g_strdup_printf("%" PRId64, lu_param_int(params, name));
}

char **lu_argv_of(const json_t *params, const char *const *words, const char *const *names)
{
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();

	g_strv_builder_addv(argv, (const char **)words);
	for (; *names; names++) {
		g_autofree char *option = g_strconcat("--", *names, NULL);
		g_autofree char *value = value_of(params, *names);

		g_strv_builder_add_many(argv, g_strdelimit(option, "_", '-'), value, NULL);
	}
	return g_strv_builder_end(argv);
}
