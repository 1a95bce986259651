// SPDX-License-Identifier: GPL-2.0
/*
 * Bug fix in one function.
 *
 * ask: sum = 30 -> 60
 */
#define CHANGED_sum
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long sum(struct shelf *shelf)
{
	struct item *item;
	long total = 0;

	lock(shelf);
	for_each_item(item, shelf) total += worth(item);
	unlock(shelf);
	return total;
}

PATCHES(PATCH(sum));
