/* SPDX-License-Identifier: GPL-2.0 */
/* How an update of the shelves declares its live patch. Compiled as a version
 * it declares nothing. */
#ifndef LU_CATALOG_UPDATE_H
#define LU_CATALOG_UPDATE_H

#include "livepatch/livepatch.h"

#define SHADOW_ID 28

#ifndef LIVEPATCH
#define PATCHES(...)
#define PATCHES_WITH(...)
#elif IS_ENABLED(CONFIG_LIVEPATCH)
#define PATCH(name)                                                                                \
	{                                                                                          \
		.old_name = #name, .new_func = name                                                \
	}
/* Functions of version 1 to replace: PATCHES(PATCH(a), PATCH(b)). */
#define PATCHES(...)		     PATCHES_OF("lu_catalog_v1", (__VA_ARGS__), )
/* The same with callbacks: PATCHES_WITH((PATCH(a), PATCH(b)), .post_patch = …). */
#define PATCHES_WITH(functions, ...) PATCHES_OF("lu_catalog_v1", functions, __VA_ARGS__)
#define PATCHES_OF(object, functions, ...)                                                         \
	static struct klp_func patched[] = {PATCHES_LIST functions, {}};                           \
	static struct klp_object objects[] = {                                                     \
		{.name = object, .funcs = patched, .callbacks = {__VA_ARGS__}}, {}};               \
	LU_LIVEPATCH(objects);                                                                     \
	LU_LIVEPATCH_MODULE("A live patch of the shelves")
#define PATCHES_LIST(...) __VA_ARGS__
#else
#define PATCHES(...)                                                                               \
	LU_LIVEPATCH(none);                                                                        \
	LU_LIVEPATCH_MODULE("A live patch of the shelves")
#define PATCHES_WITH(...) PATCHES()
#define PATCHES_OF(...)	  PATCHES()
#endif

#endif
