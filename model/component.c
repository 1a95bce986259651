/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of a component's parts. */
#include "model/component.h"
#include <glib.h>

bool lu_component_has(const struct lu_component *component, const char *version)
{
	return g_strv_contains(component->versions, version);
}

char *lu_component_module(const struct lu_component *component, const char *version)
{
	return g_strconcat("lu_", component->name, version ? "_" : "", version ? version : "",
			   NULL);
}

char *lu_component_patch(const struct lu_component *component, const char *patch)
{
	return g_strdup_printf("lu_%s_lp_%s", component->name, patch);
}

char *lu_component_versions(const struct lu_component *component)
{
	return g_strjoinv(", ", (char **)component->versions);
}
