/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of a component's parts. */
#include "model/component.h"
#include <glib.h>
#include "model/plan.h"
#include "model/workload.h"

bool lu_component_has(const struct lu_component *component, const char *version)
{
	return g_strv_contains(component->versions, version);
}

bool lu_component_has_patch(const struct lu_component *component, const char *patch)
{
	return component->patches && g_strv_contains(component->patches, patch);
}

bool lu_component_of_driver(const struct lu_component *component, const char *version)
{
	return component->of_driver && component->of_driver(version);
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

const char *lu_component_patched(const struct lu_component *component, const char *patch)
{
	g_autofree char *name = g_strdup_printf("%s+%s", component->versions[0], patch);

	return g_intern_string(name);
}

const char *lu_component_called(const struct lu_component *component, const char *version)
{
	return lu_component_of_driver(component, version) ? lu_component_patched(component, version)
							  : g_intern_string(version);
}

char *lu_component_driver(const struct lu_component *component, const char *version)
{
	return lu_component_module(component,
				   lu_component_of_driver(component, version) ? version : NULL);
}

char **lu_component_modules(const struct lu_component *component, const char *version, char **words)
{
	bool of_driver = lu_component_of_driver(component, version);
	char **modules = g_new0(char *, 3);

	modules[0] = lu_component_module(component, of_driver ? component->versions[0] : version);
	modules[1] = lu_component_driver(component, version);
	*words = of_driver ? NULL : g_strdup_printf("version=%s", version);
	return modules;
}

char *lu_component_versions(const struct lu_component *component)
{
	return g_strjoinv(", ", (char **)component->versions);
}

const char *lu_plan_version(const struct lu_plan *plan, const char *word)
{
	bool meant = g_str_equal(word, LU_COMPONENT_NEXT) || g_str_equal(word, LU_COMPONENT_PATCH);

	return meant && plan->workload->update ? plan->workload->update(plan->workload_params)
					       : word;
}
