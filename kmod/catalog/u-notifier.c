// SPDX-License-Identifier: GPL-2.0
/*
 * A callback is registered no more.
 *
 * ask: event = 0 -> 0
 * ask: events = 1 -> 1 | 0
 */
#define CHANGED_start
#define CHANGED_stop
#include "catalog/base.c"
#include "catalog/update.h"

static noinline void start(struct shelf *shelf)
{
	schedule_delayed_work(&shelf->beat, HZ * 60);
	shelf->keeper = kthread_run(keep, shelf, "lucat_keeper");
}

static noinline void stop(struct shelf *shelf)
{
	cancel_delayed_work_sync(&shelf->beat);
	if (!IS_ERR(shelf->keeper))
		kthread_stop(shelf->keeper);
}

/* +livepatch: it was registered when version 1 began */
#ifdef LIVEPATCH
static struct notifier_block *blocks[2];

static void unregister(struct klp_object *object)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		blocks[i] = rcu_dereference_raw(catalog_events.head);
		if (blocks[i])
			blocking_notifier_chain_unregister(&catalog_events, blocks[i]);
	}
}

static void reregister(struct klp_object *object)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		if (blocks[i])
			blocking_notifier_chain_register(&catalog_events, blocks[i]);
}
#endif

PATCHES_WITH((PATCH(start), PATCH(stop)), .post_patch = unregister, .pre_unpatch = reregister);
/* -livepatch */
