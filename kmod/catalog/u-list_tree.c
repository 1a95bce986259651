// SPDX-License-Identifier: GPL-2.0
/*
 * A list becomes a tree: items are in order.
 *
 * ask: order = 3 2 1 -> 1 2 3
 */
#define CHANGED_find
#define CHANGED_insert
#define CHANGED_remove
#define CHANGED_order
#include <linux/rbtree.h>
#ifndef LIVEPATCH
#define CHANGED_item
struct item {
	struct rb_node node;
	u32 key, value;
	u32 refs;
};
#define CHANGED_items
typedef struct rb_root items_type;
#define for_each_item(item, shelf)                                                                 \
	for (item = any(shelf); item; item = rb_entry_safe(rb_next(&item->node), struct item, node))
struct shelf;
static struct item *any(struct shelf *shelf);
#endif
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: tree and nodes are shadows of shelf and items, built once all tasks are in new code;
 * the list is kept for tasks in old code */
#ifdef LIVEPATCH
struct leaf {
	struct rb_node node;
	struct item *item;
};

static bool alone;

static bool before(struct rb_node *one, const struct rb_node *other)
{
	return rb_entry(one, struct leaf, node)->item->key <
	       rb_entry(other, struct leaf, node)->item->key;
}

static void plant(struct rb_root *tree, struct item *item)
{
	struct leaf *leaf =
		klp_shadow_get_or_alloc(item, SHADOW_ID + 1, sizeof(*leaf), GFP_ATOMIC, NULL, NULL);

	if (!leaf)
		return;
	leaf->item = item;
	rb_add(&leaf->node, tree, before);
}

static struct rb_root *tree_of(struct shelf *shelf)
{
	struct rb_root *tree = klp_shadow_get(shelf, SHADOW_ID);
	struct item *item;

	if (tree || !READ_ONCE(alone))
		return tree;
	tree = klp_shadow_alloc(shelf, SHADOW_ID, sizeof(*tree), GFP_ATOMIC, NULL, NULL);
	if (!tree)
		return NULL;
	for_each_item(item, shelf) plant(tree, item);
	return tree;
}

static noinline struct item *find(struct shelf *shelf, u32 key)
{
	struct rb_root *tree = tree_of(shelf);
	struct rb_node *node = tree ? tree->rb_node : NULL;

	while (node) {
		struct item *item = rb_entry(node, struct leaf, node)->item;

		if (item->key == key)
			return item;
		node = key < item->key ? node->rb_left : node->rb_right;
	}
	if (!tree) {
		struct item *item;

		for_each_item(item, shelf) if (item->key == key) return item;
	}
	return NULL;
}

static noinline void insert(struct shelf *shelf, struct item *item)
{
	struct rb_root *tree = tree_of(shelf);

	list_add(&item->list, &shelf->items);
	if (tree)
		plant(tree, item);
}

static noinline void remove(struct shelf *shelf, struct item *item)
{
	struct leaf *leaf = klp_shadow_get(item, SHADOW_ID + 1);

	if (leaf)
		rb_erase(&leaf->node, klp_shadow_get(shelf, SHADOW_ID));
	klp_shadow_free(item, SHADOW_ID + 1, NULL);
	list_del(&item->list);
}

static noinline long order(struct shelf *shelf, char *text)
{
	struct rb_root *tree;
	struct rb_node *node;
	int n = 0;

	lock(shelf);
	tree = tree_of(shelf);
	for (node = tree ? rb_first(tree) : NULL; node; node = rb_next(node))
		n += scnprintf(text + n, CATALOG_TEXT - n, "%s%u", n ? " " : "",
			       rb_entry(node, struct leaf, node)->item->key);
	unlock(shelf);
	return 0;
}

static void all_come(struct klp_object *object)
{
	WRITE_ONCE(alone, true);
}

/* Users of a tree hold the lock, and a shadow is freed while it is not held. */
static void some_go(struct klp_object *object)
{
	WRITE_ONCE(alone, false);
	synchronize_rcu();
	klp_shadow_free_all(SHADOW_ID, NULL);
	klp_shadow_free_all(SHADOW_ID + 1, NULL);
}
#else /* -livepatch */
static struct item *any(struct shelf *shelf)
{
	return rb_entry_safe(rb_first(&shelf->items), struct item, node);
}

static void begin(struct shelf *shelf)
{
	shelf->items = RB_ROOT;
}

static bool before(struct rb_node *one, const struct rb_node *other)
{
	return rb_entry(one, struct item, node)->key < rb_entry(other, struct item, node)->key;
}

static noinline struct item *find(struct shelf *shelf, u32 key)
{
	struct rb_node *node = shelf->items.rb_node;

	while (node) {
		struct item *item = rb_entry(node, struct item, node);

		if (item->key == key)
			return item;
		node = key < item->key ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static noinline void insert(struct shelf *shelf, struct item *item)
{
	rb_add(&item->node, &shelf->items, before);
}

static noinline void remove(struct shelf *shelf, struct item *item)
{
	rb_erase(&item->node, &shelf->items);
}

static noinline long order(struct shelf *shelf, char *text)
{
	struct item *item;
	int n = 0;

	lock(shelf);
	for_each_item(item, shelf) n +=
		scnprintf(text + n, CATALOG_TEXT - n, "%s%u", n ? " " : "", item->key);
	unlock(shelf);
	return 0;
}
#endif

PATCHES_WITH((PATCH(find), PATCH(insert), PATCH(remove), PATCH(order)), .post_patch = all_come,
	     .pre_unpatch = some_go);
