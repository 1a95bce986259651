// SPDX-License-Identifier: GPL-2.0
/*
 * New function, behind a new word.
 *
 * ask: most = error -22 -> 30
 */
#define CHANGED_extra
#include "catalog/base.c"
#include "catalog/update.h"

static long most(struct shelf *shelf)
{
	struct item *item;
	u32 value = 0;

	lock(shelf);
	for_each_item(item, shelf) value = max(value, worth(item));
	unlock(shelf);
	return value;
}

static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	return strcmp(word, "most") ? -EINVAL : most(shelf);
}

PATCHES(PATCH(extra));
