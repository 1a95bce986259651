// SPDX-License-Identifier: GPL-2.0
/*
 * New field in each item.
 *
 * ask: put 4 40 = 0 -> 0
 * ask: stamp 4 = error -22 -> 1 | 7
 * ask: stamp 1 = error -22 -> 0 | 1
 * ask: del 4 = 0 -> 0
 */
#define CHANGED_extra
#ifdef LIVEPATCH
#define CHANGED_insert
#define CHANGED_remove
#else
#define CHANGED_item
#define CHANGED_item_init
#include <linux/list.h>
struct item {
	struct list_head list;
	u32 key, value;
	u32 refs;
	u32 stamp; /* which of all puts it was; 0: before there were stamps */
};
#endif
#include "catalog/base.c"
#include "catalog/update.h"

static unsigned int stamps;

/* +livepatch: the field is a shadow of the item */
#ifdef LIVEPATCH
static u32 stamp_of(struct item *item)
{
	u32 *stamp = klp_shadow_get(item, SHADOW_ID);

	return stamp ? *stamp : 0;
}

static noinline void insert(struct shelf *shelf, struct item *item)
{
	u32 *stamp = klp_shadow_alloc(item, SHADOW_ID, sizeof(*stamp), GFP_ATOMIC, NULL, NULL);

	if (stamp)
		*stamp = ++stamps;
	list_add(&item->list, &shelf->items);
}

static noinline void remove(struct shelf *shelf, struct item *item)
{
	list_del(&item->list);
	klp_shadow_free(item, SHADOW_ID, NULL);
}

static void drop(struct klp_object *object)
{
	klp_shadow_free_all(SHADOW_ID, NULL);
}
#else /* -livepatch */
static u32 stamp_of(struct item *item)
{
	return item->stamp;
}

static noinline void item_init(struct shelf *shelf, struct item *item)
{
	item->stamp = ++stamps;
}
#endif

static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	struct item *item;
	long stamp = -ENOENT;

	if (strcmp(word, "stamp"))
		return -EINVAL;
	lock(shelf);
	item = find(shelf, key);
	if (item)
		stamp = stamp_of(item);
	unlock(shelf);
	return stamp;
}

PATCHES_WITH((PATCH(insert), PATCH(remove), PATCH(extra)), .post_unpatch = drop);
