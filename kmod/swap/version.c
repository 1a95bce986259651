// SPDX-License-Identifier: GPL-2.0
/* The registered versions, by component and name. */
#include "swap/inside.h"

static LIST_HEAD(versions);
static DEFINE_MUTEX(versions_lock);

static struct swap_version *find(const char *component, const char *name)
{
	struct swap_version *version;

	list_for_each_entry(version, &versions,
			    list) if (!strcmp(version->component, component) &&
				      !strcmp(version->name, name)) return version;
	return NULL;
}

int swap_version_register(struct swap_version *version)
{
	int error = 0;

	mutex_lock(&versions_lock);
	if (find(version->component, version->name))
		error = -EEXIST;
	else
		list_add(&version->list, &versions);
	mutex_unlock(&versions_lock);
	return error;
}
EXPORT_SYMBOL_GPL(swap_version_register);

/* Called from the version's module_exit: it is unused, else the module could not be unloaded. */
void swap_version_unregister(struct swap_version *version)
{
	mutex_lock(&versions_lock);
	list_del(&version->list);
	mutex_unlock(&versions_lock);
}
EXPORT_SYMBOL_GPL(swap_version_unregister);

struct swap_version *swap_version_get(const char *component, const char *name)
{
	struct swap_version *version;

	mutex_lock(&versions_lock);
	version = find(component, name);
	if (version && !try_module_get(version->owner))
		version = NULL;
	mutex_unlock(&versions_lock);
	return version;
}

void swap_version_put(const struct swap_version *version)
{
	module_put(version->owner);
}
