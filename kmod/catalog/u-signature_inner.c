// SPDX-License-Identifier: GPL-2.0
/*
 * Changed signature of an internal function.
 *
 * ask: weight 2 = 20 -> 40
 */
#define CHANGED_weigh
#define CHANGED_weight
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long weigh(const struct item *item, unsigned int factor)
{
	return worth(item) * factor;
}

static noinline long weight(struct shelf *shelf, u32 key)
{
	struct item *item;
	long value = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		value = weigh(item, 2);
	unlock(shelf);
	return value;
}

PATCHES(PATCH(weight));
