/* SPDX-License-Identifier: GPL-2.0 */
/* Common to all our live patches. */
#ifndef LU_LIVEPATCH_H
#define LU_LIVEPATCH_H

#include <linux/livepatch.h>
#include <linux/module.h>

/*
 * The module is the patch: loading it starts the transition. LU_LIVEPATCH takes the list of patched
 * objects (ended by {}). A kernel without live patching refuses to load such a module.
 */
#if IS_ENABLED(CONFIG_LIVEPATCH)
#define LU_LIVEPATCH(list)                                                                         \
	static struct klp_patch livepatch = {.mod = THIS_MODULE, .objs = list};                    \
	static int __init livepatch_init(void)                                                     \
	{                                                                                          \
		return klp_enable_patch(&livepatch);                                               \
	}                                                                                          \
	MODULE_INFO(livepatch, "Y")
#else
#define LU_LIVEPATCH(list)                                                                         \
	static int __init livepatch_init(void)                                                     \
	{                                                                                          \
		return -EOPNOTSUPP;                                                                \
	}                                                                                          \
	MODULE_INFO(unsupported, "no CONFIG_LIVEPATCH")
#endif

/* After LU_LIVEPATCH. The kernel releases a patch's module once the patch is disabled. */
#define LU_LIVEPATCH_MODULE(text)                                                                  \
	static void __exit livepatch_exit(void)                                                    \
	{                                                                                          \
	}                                                                                          \
	module_init(livepatch_init);                                                               \
	module_exit(livepatch_exit);                                                               \
	MODULE_LICENSE("GPL");                                                                     \
	MODULE_DESCRIPTION(text)

#endif
