// SPDX-License-Identifier: GPL-2.0
/*
 * Changed size of an array in the state.
 *
 * ask: put 4 4 = 0 -> 0
 * ask: del 4 = 0 -> 0
 * ask: put 4 4 = 0 -> 0
 * ask: del 4 = 0 -> 0
 * ask: log = 4 -> 7 | 5
 */
#ifndef LIVEPATCH
#define CHANGED_log
#define LOG 8
#define CHANGED_take_more
#else
#define CHANGED_remember
#define CHANGED_logged
#endif
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: the longer array is a shadow of the shelf */
#ifdef LIVEPATCH
struct long_log {
	unsigned int logged;
	u32 keys[8];
};

/* Starts with the contents of the array in the state. */
static int copy_log(void *object, void *shadow, void *data)
{
	const struct shelf *shelf = object;
	struct long_log *log = shadow;
	unsigned int i;

	for (i = shelf->logged > LOG ? shelf->logged - LOG : 0; i < shelf->logged; i++)
		log->keys[i % 8] = shelf->log[i % LOG];
	log->logged = shelf->logged;
	return 0;
}

static struct long_log *log_of(struct shelf *shelf)
{
	return klp_shadow_get_or_alloc(shelf, SHADOW_ID, sizeof(struct long_log), GFP_ATOMIC,
				       copy_log, NULL);
}

/* The old code may still be running, or run again. */
static noinline void remember(struct shelf *shelf, u32 key)
{
	struct long_log *log = log_of(shelf);

	if (log)
		log->keys[log->logged++ % 8] = key;
	shelf->log[shelf->logged++ % LOG] = key;
}

static noinline long logged(struct shelf *shelf)
{
	struct long_log *log = log_of(shelf);

	return log ? min_t(unsigned int, log->logged, 8) : -ENOMEM;
}

static void drop(struct klp_object *object)
{
	klp_shadow_free_all(SHADOW_ID, NULL);
}
#else /* -livepatch */
static void take_more(struct shelf *shelf, const struct catalog_form *form)
{
	/* +hotswap: a key's place depends on the size */
	unsigned int i;

	memset(shelf->log, 0, sizeof(shelf->log));
	for (i = form->logged > 4 ? form->logged - 4 : 0; i < form->logged; i++)
		shelf->log[i % LOG] = form->log[i % 4];
	/* -hotswap */
}
#endif

PATCHES_WITH((PATCH(remember), PATCH(logged)), .post_unpatch = drop);
