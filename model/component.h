/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A component of the guest's kernel whose implementation can be changed while it runs
 * (docs/design/hotswap.md): what a workload says of the one it works on, and all that strategies
 * know of it. Its modules are in kmod/NAME: lu_NAME has the instances and calls them,
 * lu_NAME_VERSION is a version, lu_NAME_lp_PATCH a live patch.
 */
#pragma once
#include <stdbool.h>

enum { LU_COMPONENT_INSTANCES = 2, LU_COMPONENT_VERSIONS = 8 };

struct lu_component {
	const char *name; /* "block" */
	/* As in /sys/kernel/lu_swap: "lublk0". Alike, and both in use; one of them is changed. */
	const char *instances[LU_COMPONENT_INSTANCES];
	const char *versions[LU_COMPONENT_VERSIONS + 1]; /* oldest first; all begin with that one */
	/* Live patches of the oldest version's code; a patched instance's version
	 * is called "v1+PATCH". */
	const char *patches[LU_COMPONENT_VERSIONS + 1];
	bool devices; /* /dev/INSTANCE is a block device whose contents are the instance's state */
};

/* Is there a version of that name? */
bool lu_component_has(const struct lu_component *component, const char *version);
/* Module that is a version: "lu_block_v1"; version NULL: the one with the instances. g_free. */
char *lu_component_module(const struct lu_component *component, const char *version);
/* Module that is a live patch: "lu_block_lp_fix". g_free. */
char *lu_component_patch(const struct lu_component *component, const char *patch);
/* All versions' names, for messages: "v1, v2". g_free. */
char *lu_component_versions(const struct lu_component *component);
