// SPDX-License-Identifier: GPL-2.0
/*
 * A struct that is embedded in the state grows.
 *
 * ask: put 1 1 = error -22 -> error -22
 * ask: puts = error -22 -> 1 | 4
 */
#define CHANGED_item_init
#define CHANGED_extra
#ifndef LIVEPATCH
#define CHANGED_stats
struct stats {
	unsigned int gets, puts;
};
#endif
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: the new member is a shadow of the shelf */
#ifdef LIVEPATCH
static unsigned int *puts_of(struct shelf *shelf)
{
	return klp_shadow_get_or_alloc(shelf, SHADOW_ID, sizeof(unsigned int), GFP_ATOMIC, NULL,
				       NULL);
}

static void drop(struct klp_object *object)
{
	klp_shadow_free_all(SHADOW_ID, NULL);
}
#else /* -livepatch */
static unsigned int *puts_of(struct shelf *shelf)
{
	return &shelf->stats.puts;
}
#endif

static noinline void item_init(struct shelf *shelf, struct item *item)
{
	unsigned int *puts = puts_of(shelf);

	if (puts)
		++*puts;
}

static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	unsigned int *puts = puts_of(shelf);

	return strcmp(word, "puts") ? -EINVAL : puts ? *puts : -ENOMEM;
}

PATCHES_WITH((PATCH(item_init), PATCH(extra)), .post_unpatch = drop);
