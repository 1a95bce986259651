// SPDX-License-Identifier: GPL-2.0
/*
 * Changed counting of references: the shelf's own counts, too.
 *
 * ask: refs 2 = 0 -> 1
 */
#ifndef LIVEPATCH
#define CHANGED_item_init
#define CHANGED_take_item
#define CHANGED_give_item
#else
#define CHANGED_refs
#define CHANGED_hold
#define CHANGED_insert
#define CHANGED_remove
#endif
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: earlier items are counted without it, and only a shadow shows which */
#ifdef LIVEPATCH
static bool alone;

static u32 refs_of(struct item *item)
{
	return item->refs + (klp_shadow_get(item, SHADOW_ID) ? 0 : 1);
}

static noinline void insert(struct shelf *shelf, struct item *item)
{
	if (READ_ONCE(alone) && klp_shadow_alloc(item, SHADOW_ID, 1, GFP_ATOMIC, NULL, NULL))
		item->refs = 1;
	list_add(&item->list, &shelf->items);
}

static noinline void remove(struct shelf *shelf, struct item *item)
{
	list_del(&item->list);
	klp_shadow_free(item, SHADOW_ID, NULL);
}

static noinline long refs(struct shelf *shelf, u32 key)
{
	struct item *item;
	long count = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		count = refs_of(item);
	unlock(shelf);
	return count;
}

static noinline long hold(struct shelf *shelf, u32 key)
{
	struct item *item;
	long count = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item) {
		item->refs++;
		count = refs_of(item);
	}
	unlock(shelf);
	return count;
}

static void without_own(void *object, void *shadow)
{
	((struct item *)object)->refs--;
}

static void all_come(struct klp_object *object)
{
	WRITE_ONCE(alone, true);
}

static void some_go(struct klp_object *object)
{
	WRITE_ONCE(alone, false);
	klp_shadow_free_all(SHADOW_ID, without_own);
}
#else /* -livepatch */
static noinline void item_init(struct shelf *shelf, struct item *item)
{
	item->refs = 1;
}

static void take_item(struct item *item, const struct catalog_form *form, unsigned int i)
{
	item->refs = form->items[i].refs + 1; /* +hotswap -hotswap */
}

static void give_item(struct catalog_form *form, const struct item *item)
{
	form->items[form->count].key = item->key;
	form->items[form->count].value = worth(item);
	form->items[form->count++].refs = item->refs - 1;
}
#endif

PATCHES_WITH((PATCH(insert), PATCH(remove), PATCH(refs), PATCH(hold)), .post_patch = all_come,
	     .pre_unpatch = some_go);
