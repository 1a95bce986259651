/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A patched version 1 reports itself in lu_swap/INSTANCE/version. The patch of that file's function
 * is part of the same live patch, so each task reads the version that its own calls get.
 */
#ifndef LU_BLOCK_VERSION_H
#define LU_BLOCK_VERSION_H

#include <linux/sysfs.h>

#include "block/v1.h"

static inline bool is_first_version(const struct swap_instance *instance)
{
	return !strcmp(instance->component, BLOCK_COMPONENT) &&
	       !strcmp(instance->binding->version->name, "v1");
}

static inline ssize_t show_patched(struct swap_instance *instance, const char *suffix, char *buf)
{
	ssize_t n;

	mutex_lock(&instance->swapping);
	n = sysfs_emit(buf, "%s%s\n", instance->binding->version->name,
		       is_first_version(instance) ? suffix : "");
	mutex_unlock(&instance->swapping);
	return n;
}

#endif
