// SPDX-License-Identifier: GPL-2.0
/*
 * New global variable.
 *
 * ask: del 9 = error -2 -> error -2
 * ask: misses = error -22 -> 1
 */
#define CHANGED_del
#define CHANGED_extra
#include "catalog/base.c"
#include "catalog/update.h"

static atomic_t misses;

static noinline long del(struct shelf *shelf, u32 key)
{
	struct item *item;

	lock(shelf);
	item = find(shelf, key);
	if (item) {
		remove(shelf, item);
		shelf->count--;
	}
	unlock(shelf);
	if (!item)
		atomic_inc(&misses);
	kfree(item);
	return item ? 0 : -ENOENT;
}

static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	return strcmp(word, "misses") ? -EINVAL : atomic_read(&misses);
}

PATCHES(PATCH(del), PATCH(extra));
