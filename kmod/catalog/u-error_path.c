// SPDX-License-Identifier: GPL-2.0
/*
 * Changed error path.
 *
 * ask: put 1 5 = error -22 -> error -17
 */
#define CHANGED_add
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long add(struct shelf *shelf, struct item *item)
{
	if (find(shelf, item->key))
		return -EEXIST;
	if (shelf->count >= LIMIT)
		return -ENOSPC;
	insert(shelf, item);
	remember(shelf, item->key);
	shelf->count++;
	return 0;
}

PATCHES(PATCH(add));
