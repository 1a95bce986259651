// SPDX-License-Identifier: GPL-2.0
/*
 * Bug fix in several functions.
 *
 * ask: low = 5 -> 10
 * ask: high = 25 -> 30
 */
#define CHANGED_low
#define CHANGED_high
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long low(struct shelf *shelf)
{
	struct item *item;
	u32 least = U32_MAX;

	lock(shelf);
	for_each_item(item, shelf) least = min(least, worth(item));
	unlock(shelf);
	return least;
}

static noinline long high(struct shelf *shelf)
{
	struct item *item;
	u32 most = 0;

	lock(shelf);
	for_each_item(item, shelf) most = max(most, worth(item));
	unlock(shelf);
	return most;
}

PATCHES(PATCH(low), PATCH(high));
