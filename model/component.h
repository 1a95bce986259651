/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A component of the guest's kernel whose implementation can be changed while it runs
 * (docs/design/hotswap.md): described by the workload that uses it; strategies know nothing else
 * about it. Its modules are in kmod/NAME: lu_NAME has the instances and calls them, lu_NAME_VERSION
 * is a version, lu_NAME_lp_PATCH a live patch.
 */
#pragma once
#include <stdbool.h>

struct lu_plan;

enum { LU_COMPONENT_INSTANCES = 2 };

/* Default version that strategies change a component to, and default
 * patch. A component of many updates has none of these names: there they
 * mean the one that the plan's workload tries (lu_plan_version()). */
#define LU_COMPONENT_NEXT  "v2"
#define LU_COMPONENT_PATCH "fix"

struct lu_component {
	const char *name; /* "block" */
	/* As in /sys/kernel/lu_swap: "lublk0". They are alike and both in use;
	 * one of them is updated. */
	const char *instances[LU_COMPONENT_INSTANCES];
	/* Oldest first; all begin with that one. Ends with NULL. */
	const char *const *versions;
	/* Optional. Live patches of the oldest version's code; a patched instance's version is
	 * called "v1+PATCH". Ends with NULL. */
	const char *const *patches;
	/* Optional. Is that version one of the part that has the instances? Its module, lu_NAME_VERSION,
	 * then takes the place of lu_NAME, and its instances' version is called "v1+VERSION". */
	bool (*of_driver)(const char *version);
	/* Optional. Parameters of lu_NAME with which its second instance is called directly, not
	 * through the framework: the cost of a call is measured against it. */
	const char *direct;
	bool devices; /* /dev/INSTANCE is a block device whose contents are the instance's state */
};

/* Is there a version, or a live patch, of that name? */
bool lu_component_has(const struct lu_component *component, const char *version);
bool lu_component_has_patch(const struct lu_component *component, const char *patch);
bool lu_component_of_driver(const struct lu_component *component, const char *version);
/* Module that is a version: "lu_block_v1"; version NULL: the one with the instances. g_free. */
char *lu_component_module(const struct lu_component *component, const char *version);
/* Module that is a live patch: "lu_block_lp_fix". g_free. */
char *lu_component_patch(const struct lu_component *component, const char *patch);
/* What an instance's version is called that has it from its start; interned. */
const char *lu_component_called(const struct lu_component *component, const char *version);
/* The same of the oldest version with that live patch, "v1+fix". */
const char *lu_component_patched(const struct lu_component *component, const char *patch);
/* The module that has the instances when they begin with that version. g_free. */
char *lu_component_driver(const struct lu_component *component, const char *version);
/*
 * Modules that give all instances that version from their start, in load order, the driver last;
 * NULL-terminated, g_strfreev. *words: the driver's parameters, g_free; may be NULL.
 */
char **lu_component_modules(const struct lu_component *component, const char *version,
			    char **words);
/* All versions' names, for messages: "v1, v2". g_free. */
char *lu_component_versions(const struct lu_component *component);

/* The version, or live patch, that this word means in the plan; borrowed. Any word but the two above
 * means itself. */
const char *lu_plan_version(const struct lu_plan *plan, const char *word);
