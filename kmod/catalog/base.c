// SPDX-License-Identifier: GPL-2.0
/*
 * Version 1 of the shelves, and the base of every update: an update defines CHANGED_x for each
 * part x that it changes, includes this file, and defines its own. Some of it is wrong on purpose,
 * for the fixes to fix.
 *
 * Compiled for a live patch (LIVEPATCH) it only provides types and unchanged functions; its data
 * are then the patch's own and not those of version 1.
 */
#include "catalog/catalog.h"
#include "catalog/shelf.h"
#include "catalog/items.h"
#include "catalog/clockwork.h"

static long ask(void *state, const char *line, char *text)
{
	struct shelf *shelf = state;
	char word[16] = "";
	u32 key = 0, value = 0;

	sscanf(line, "%15s %u %u", word, &key, &value);
	if (!strcmp(word, "put"))
		return put(shelf, key, value);
	if (!strcmp(word, "get"))
		return get(shelf, key);
	if (!strcmp(word, "del"))
		return del(shelf, key);
	if (!strcmp(word, "sum"))
		return sum(shelf);
	if (!strcmp(word, "low"))
		return low(shelf);
	if (!strcmp(word, "high"))
		return high(shelf);
	if (!strcmp(word, "lock"))
		return locking(shelf, text);
	if (!strcmp(word, "locks"))
		return both_locks(shelf, text);
	if (!strcmp(word, "limit"))
		return limit(shelf);
	if (!strcmp(word, "ratio"))
		return ratio(shelf, key);
	if (!strcmp(word, "weight"))
		return weight(shelf, key);
	if (!strcmp(word, "cross"))
		return cross(shelf, key);
	if (!strcmp(word, "ticket"))
		return ticket(shelf);
	if (!strcmp(word, "refs"))
		return refs(shelf, key);
	if (!strcmp(word, "hold"))
		return hold(shelf, key);
	if (!strcmp(word, "log"))
		return logged(shelf);
	if (!strcmp(word, "stats"))
		return stats_of(shelf);
	if (!strcmp(word, "fast"))
		return fast(shelf);
	if (!strcmp(word, "await"))
		return await(shelf, key);
	if (!strcmp(word, "order"))
		return order(shelf, text);
	if (!strcmp(word, "call"))
		return call(shelf);
	if (!strcmp(word, "push"))
		return push(shelf);
	if (!strcmp(word, "event"))
		return 0;
	if (!strcmp(word, "events"))
		return shelf->events;
	if (!strcmp(word, "origin"))
		return origin;
	if (!strcmp(word, "step"))
		return READ_ONCE(step);
	return extra(shelf, word, key, value);
}

#ifndef LIVEPATCH
#include "catalog/transfer.h"

#ifndef CHANGED_setup
static noinline int __init setup(void)
{
	origin = 100;
	return 0;
}
#endif

static int __init version_init(void)
{
	setup();
	return swap_version_register(&version);
}

static void __exit version_exit(void)
{
	swap_version_unregister(&version);
}

module_init(version_init);
module_exit(version_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A version of the shelves");
#endif
