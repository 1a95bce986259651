// SPDX-License-Identifier: GPL-2.0
/*
 * Changed meaning of a field: an item's value counts tenths.
 *
 * ask: tenths 2 = error -22 -> 200
 */
#define CHANGED_worth
#define CHANGED_extra
#ifndef LIVEPATCH
#define CHANGED_item_init
#define CHANGED_take_item
#else
#define CHANGED_insert
#define CHANGED_remove
#endif
#include <linux/types.h>
struct item;
static u32 worth(const struct item *item);
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: earlier values are in ones, and only a shadow shows the unit of an item; tasks in old
 * code would not look for it, so values stay in ones until there are no such tasks */
#ifdef LIVEPATCH
static bool alone;

static u32 tenths(const struct item *item)
{
	return klp_shadow_get((void *)item, SHADOW_ID) ? item->value : item->value * 10;
}

static noinline void insert(struct shelf *shelf, struct item *item)
{
	if (READ_ONCE(alone) && klp_shadow_alloc(item, SHADOW_ID, 1, GFP_ATOMIC, NULL, NULL))
		item->value *= 10;
	list_add(&item->list, &shelf->items);
}

static noinline void remove(struct shelf *shelf, struct item *item)
{
	list_del(&item->list);
	klp_shadow_free(item, SHADOW_ID, NULL);
}

static void to_ones(void *object, void *shadow)
{
	((struct item *)object)->value /= 10;
}

static void all_come(struct klp_object *object)
{
	WRITE_ONCE(alone, true);
}

static void some_go(struct klp_object *object)
{
	WRITE_ONCE(alone, false);
	klp_shadow_free_all(SHADOW_ID, to_ones);
}
#else /* -livepatch */
static u32 tenths(const struct item *item)
{
	return item->value;
}

static noinline void item_init(struct shelf *shelf, struct item *item)
{
	item->value *= 10;
}

static void take_item(struct item *item, const struct catalog_form *form, unsigned int i)
{
	item->refs = form->items[i].refs;
	item->value *= 10; /* +hotswap -hotswap */
}
#endif

static u32 worth(const struct item *item)
{
	return tenths(item) / 10;
}

static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	struct item *item;
	long is = -ENOENT;

	if (strcmp(word, "tenths"))
		return -EINVAL;
	lock(shelf);
	item = find(shelf, key);
	if (item)
		is = tenths(item);
	unlock(shelf);
	return is;
}

PATCHES_WITH((PATCH(insert), PATCH(remove), PATCH(get), PATCH(sum), PATCH(low), PATCH(high),
	      PATCH(weigh), PATCH(extra)),
	     .post_patch = all_come, .pre_unpatch = some_go);
