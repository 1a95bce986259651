/* SPDX-License-Identifier: GPL-2.0 */
/* What live patches of ours have in common. */
#ifndef LU_LIVEPATCH_H
#define LU_LIVEPATCH_H

#include <linux/livepatch.h>
#include <linux/module.h>

/*
 * The module is the patch: its load begins the transition. Its code goes into LU_LIVEPATCH, a list
 * of objects (ended by {}) is what it changes. A kernel without live patches loads no such module.
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

/* After LU_LIVEPATCH. The kernel lets go of a patch's module once the patch is disabled. */
#define LU_LIVEPATCH_MODULE(text)                                                                  \
	static void __exit livepatch_exit(void)                                                    \
	{                                                                                          \
	}                                                                                          \
	module_init(livepatch_init);                                                               \
	module_exit(livepatch_exit);                                                               \
	MODULE_LICENSE("GPL");                                                                     \
	MODULE_DESCRIPTION(text)

#endif
