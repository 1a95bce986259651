// SPDX-License-Identifier: GPL-2.0
/*
 * Version 1 of the shelves, and what every update of them is made of: an update defines CHANGED_x
 * for each part x that it changes, includes this file, and gives its own. Some of it is wrong on
 * purpose: that is what the fixes fix.
 *
 * Compiled for a live patch (LIVEPATCH) it only lends its types and unchanged functions; its data
 * are then the patch's own and not those of version 1.
 */
#include "catalog/catalog.h"

#ifndef CHANGED_item
struct item {
	struct list_head list;
	u32 key, value;
	u32 refs; /* beside the shelf's own */
};
#endif

#ifndef CHANGED_stats
struct stats {
	unsigned int gets;
};
#endif

#ifndef CHANGED_log
#define LOG 4 /* keys put last */
#endif

#ifndef CHANGED_limit
#define LIMIT 8 /* items */
#endif

#ifndef CHANGED_lock
typedef spinlock_t lock_type;
#define lock_init spin_lock_init
#endif

#ifndef CHANGED_items
typedef struct list_head items_type; /* the latest first */
#endif

#ifndef CHANGED_shelf
struct shelf {
	lock_type lock; /* of all below */
	spinlock_t second;
	items_type items;
	unsigned int count;
	struct stats stats;
	unsigned int logged;
	u32 log[LOG];
	unsigned int events, beats, turns;
	struct notifier_block on_event;
	struct delayed_work beat;
	struct task_struct *keeper;
	wait_queue_head_t called, done;
	bool call, stop;
};
#endif

/* Whatever an update may give its own of. */
static struct item *find(struct shelf *shelf, u32 key);
static void item_init(struct shelf *shelf, struct item *item);
static void insert(struct shelf *shelf, struct item *item);
static void remove(struct shelf *shelf, struct item *item);
static void remember(struct shelf *shelf, u32 key);
static long add(struct shelf *shelf, struct item *item);
static long put(struct shelf *shelf, u32 key, u32 value);
static long get(struct shelf *shelf, u32 key);
static long del(struct shelf *shelf, u32 key);
static long sum(struct shelf *shelf);
static long low(struct shelf *shelf);
static long high(struct shelf *shelf);
static long locking(struct shelf *shelf, char *text);
static long both_locks(struct shelf *shelf, char *text);
static long limit(struct shelf *shelf);
static long ratio(struct shelf *shelf, u32 key);
static long weight(struct shelf *shelf, u32 key);
static long cross(struct shelf *shelf, u32 key);
static long ticket(struct shelf *shelf);
static long refs(struct shelf *shelf, u32 key);
static long hold(struct shelf *shelf, u32 key);
static long logged(struct shelf *shelf);
static long stats_of(struct shelf *shelf);
static long fast(struct shelf *shelf);
static long await(struct shelf *shelf, u32 key);
static long extra(struct shelf *shelf, const char *word, u32 key, u32 value);
static long order(struct shelf *shelf, char *text);
static void turn(struct shelf *shelf);
static int keep(void *data);
static void beat(struct work_struct *work);
static int on_event(struct notifier_block *block, unsigned long action, void *data);
static void start(struct shelf *shelf);
static void stop(struct shelf *shelf);
#ifndef LIVEPATCH
static void begin(struct shelf *shelf);
static void take_item(struct item *item, const struct catalog_form *form, unsigned int i);
static void take_rest(struct shelf *shelf, const struct catalog_form *form);
static void give_item(struct catalog_form *form, const struct item *item);
static void give_rest(struct catalog_form *form, const struct shelf *shelf);
static void take_more(struct shelf *shelf, const struct catalog_form *form);
static int setup(void);
#endif

static unsigned int origin;
#ifndef CHANGED_step
static unsigned int step = 1;
#endif

#ifndef CHANGED_lock
static __always_inline void lock(struct shelf *shelf)
{
	spin_lock(&shelf->lock);
}

static __always_inline void unlock(struct shelf *shelf)
{
	spin_unlock(&shelf->lock);
}
#endif

#ifndef CHANGED_worth
static __always_inline u32 worth(const struct item *item)
{
	return item->value;
}
#endif

#ifndef CHANGED_items
#define for_each_item(item, shelf) list_for_each_entry(item, &(shelf)->items, list)
static inline struct item *any(struct shelf *shelf)
{
	return list_first_entry_or_null(&shelf->items, struct item, list);
}
#endif

#ifndef CHANGED_find
static noinline struct item *find(struct shelf *shelf, u32 key)
{
	struct item *item;

	for_each_item(item, shelf) if (item->key == key) return item;
	return NULL;
}
#endif

#ifndef CHANGED_item_init
static noinline void item_init(struct shelf *shelf, struct item *item)
{
}
#endif

#ifndef CHANGED_insert
static noinline void insert(struct shelf *shelf, struct item *item)
{
	list_add(&item->list, &shelf->items);
}
#endif

#ifndef CHANGED_remove
static noinline void remove(struct shelf *shelf, struct item *item)
{
	list_del(&item->list);
}
#endif

#ifndef CHANGED_remember
static noinline void remember(struct shelf *shelf, u32 key)
{
	shelf->log[shelf->logged++ % LOG] = key;
}
#endif

#ifndef CHANGED_add
/* Bug: the wrong error. */
static noinline long add(struct shelf *shelf, struct item *item)
{
	if (find(shelf, item->key))
		return -EINVAL;
	if (shelf->count >= LIMIT)
		return -ENOSPC;
	insert(shelf, item);
	remember(shelf, item->key);
	shelf->count++;
	return 0;
}
#endif

#ifndef CHANGED_put
static noinline long put(struct shelf *shelf, u32 key, u32 value)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	long error;

	if (!item)
		return -ENOMEM;
	item->key = key;
	item->value = value;
	item_init(shelf, item);
	lock(shelf);
	error = add(shelf, item);
	unlock(shelf);
	if (error)
		kfree(item);
	return error;
}
#endif

#ifndef CHANGED_get
static noinline long get(struct shelf *shelf, u32 key)
{
	struct item *item;
	long value = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		value = worth(item);
	shelf->stats.gets++;
	unlock(shelf);
	return value;
}
#endif

#ifndef CHANGED_del
static noinline long del(struct shelf *shelf, u32 key)
{
	struct item *item;

	lock(shelf);
	item = find(shelf, key);
	if (item) {
		remove(shelf, item);
		shelf->count--;
	}
	unlock(shelf);
	kfree(item);
	return item ? 0 : -ENOENT;
}
#endif

#ifndef CHANGED_sum
/* Bug: the first one is left out. */
static noinline long sum(struct shelf *shelf)
{
	struct item *item, *first;
	long total = 0;

	lock(shelf);
	first = any(shelf);
	for_each_item(item, shelf) total += item == first ? 0 : worth(item);
	unlock(shelf);
	return total;
}
#endif

#ifndef CHANGED_low
/* Bug: never more than 5. */
static noinline long low(struct shelf *shelf)
{
	struct item *item;
	u32 least = 5;

	lock(shelf);
	for_each_item(item, shelf) least = min(least, worth(item));
	unlock(shelf);
	return least;
}
#endif

#ifndef CHANGED_high
/* Bug: never more than 25. */
static noinline long high(struct shelf *shelf)
{
	struct item *item;
	u32 most = 0;

	lock(shelf);
	for_each_item(item, shelf) most = max(most, min(worth(item), 25U));
	unlock(shelf);
	return most;
}
#endif

#ifndef CHANGED_locking
/* What the critical section may do, as the kernel says. */
static noinline long locking(struct shelf *shelf, char *text)
{
	lock(shelf);
	strscpy(text, preempt_count() ? "atomic" : "may sleep", CATALOG_TEXT);
	unlock(shelf);
	return 0;
}
#endif

#ifndef CHANGED_both_locks
static noinline long both_locks(struct shelf *shelf, char *text)
{
	lock(shelf);
	spin_lock(&shelf->second);
	strscpy(text, "first second", CATALOG_TEXT);
	spin_unlock(&shelf->second);
	unlock(shelf);
	return 0;
}
#endif

#ifndef CHANGED_limit_of
static noinline long limit(struct shelf *shelf)
{
	return LIMIT;
}
#endif

#ifndef CHANGED_per_cent
static __always_inline long per_cent(long part, long whole)
{
	return part * 10 / whole; /* bug: of ten */
}
#endif

#ifndef CHANGED_ratio
static noinline long ratio(struct shelf *shelf, u32 key)
{
	return per_cent(get(shelf, key), 100);
}
#endif

#ifndef CHANGED_weigh
static noinline long weigh(const struct item *item)
{
	return worth(item);
}
#endif

#ifndef CHANGED_weight
static noinline long weight(struct shelf *shelf, u32 key)
{
	struct item *item;
	long value = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		value = weigh(item);
	unlock(shelf);
	return value;
}
#endif

#ifndef CHANGED_cross
static noinline long cross(struct shelf *shelf, u32 key)
{
	return catalog_scale(key);
}
#endif

#ifndef CHANGED_ticket
static noinline long ticket(struct shelf *shelf)
{
	/* The name that a tool for patches would find for it. */
	static unsigned int counter asm("ticket_counter");

	return ++counter;
}
#endif

#ifndef CHANGED_refs
static noinline long refs(struct shelf *shelf, u32 key)
{
	struct item *item;
	long count = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		count = item->refs;
	unlock(shelf);
	return count;
}
#endif

#ifndef CHANGED_hold
static noinline long hold(struct shelf *shelf, u32 key)
{
	struct item *item;
	long count = -ENOENT;

	lock(shelf);
	item = find(shelf, key);
	if (item)
		count = ++item->refs;
	unlock(shelf);
	return count;
}
#endif

#ifndef CHANGED_logged
static noinline long logged(struct shelf *shelf)
{
	return min_t(unsigned int, shelf->logged, LOG);
}
#endif

#ifndef CHANGED_stats_of
static noinline long stats_of(struct shelf *shelf)
{
	return shelf->stats.gets;
}
#endif

#ifndef CHANGED_fast
/* Not to be traced, as code that the tracer itself uses. */
static noinline notrace long fast(struct shelf *shelf)
{
	barrier();
	return 1;
}
#endif

#ifndef CHANGED_await
/* With a key at once; without, until the end or a signal. */
static noinline long await(struct shelf *shelf, u32 key)
{
	if (!key && wait_event_interruptible(shelf->done, READ_ONCE(shelf->stop)))
		return -ERESTARTSYS;
	return 7;
}
#endif

#ifndef CHANGED_extra
/* Words of later versions. */
static noinline long extra(struct shelf *shelf, const char *word, u32 key, u32 value)
{
	return -EINVAL;
}
#endif

#ifndef CHANGED_order
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

#ifndef CHANGED_turn
static noinline void turn(struct shelf *shelf)
{
	shelf->turns += 1;
}
#endif

#ifndef CHANGED_keep
/* The keeper never leaves this function while the version lives. */
static noinline int keep(void *data)
{
	struct shelf *shelf = data;

	while (!kthread_should_stop()) {
		wait_event_idle(shelf->called, READ_ONCE(shelf->call) || kthread_should_stop());
		if (READ_ONCE(shelf->call)) {
			turn(shelf);
			WRITE_ONCE(shelf->call, false);
			wake_up(&shelf->done);
		}
	}
	return 0;
}
#endif

#ifndef CHANGED_call
/* How far the keeper has come by being called once. */
static noinline long call(struct shelf *shelf)
{
	unsigned int before = shelf->turns;

	WRITE_ONCE(shelf->call, true);
	wake_up(&shelf->called);
	wait_event(shelf->done, !READ_ONCE(shelf->call));
	return shelf->turns - before;
}
#endif

#ifndef CHANGED_beat
static noinline void beat(struct work_struct *work)
{
	struct shelf *shelf = container_of(to_delayed_work(work), struct shelf, beat);

	shelf->beats += 1;
	schedule_delayed_work(&shelf->beat, HZ * 60);
}
#endif

/* How far the clockwork comes when it is pushed once. */
static noinline long push(struct shelf *shelf)
{
	unsigned int before = shelf->beats;

	mod_delayed_work(system_wq, &shelf->beat, 0);
	flush_delayed_work(&shelf->beat);
	return shelf->beats - before;
}

#ifndef CHANGED_on_event
static noinline int on_event(struct notifier_block *block, unsigned long action, void *data)
{
	container_of(block, struct shelf, on_event)->events += 1;
	return NOTIFY_OK;
}
#endif

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

#ifndef CHANGED_start
static noinline void start(struct shelf *shelf)
{
	schedule_delayed_work(&shelf->beat, HZ * 60);
	blocking_notifier_chain_register(&catalog_events, &shelf->on_event);
	shelf->keeper = kthread_run(keep, shelf, "lucat_keeper");
}
#endif

#ifndef CHANGED_stop
static noinline void stop(struct shelf *shelf)
{
	cancel_delayed_work_sync(&shelf->beat);
	blocking_notifier_chain_unregister(&catalog_events, &shelf->on_event);
	if (!IS_ERR(shelf->keeper))
		kthread_stop(shelf->keeper);
}
#endif

#ifndef LIVEPATCH

#ifndef CHANGED_take_item
static void take_item(struct item *item, const struct catalog_form *form, unsigned int i)
{
	item->refs = form->items[i].refs;
}
#endif

static long take_items(struct shelf *shelf, const struct catalog_form *form)
{
	unsigned int i;

	/* The form has the latest first. */
	for (i = form->count; i-- > 0;) {
		struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

		if (!item)
			return -ENOMEM;
		item->key = form->items[i].key;
		item->value = form->items[i].value;
		take_item(item, form, i);
		insert(shelf, item);
		shelf->count++;
	}
	return 0;
}

#ifndef CHANGED_take_rest
static void take_rest(struct shelf *shelf, const struct catalog_form *form)
{
	shelf->stats.gets = form->gets;
	shelf->beats = form->beats;
	shelf->turns = form->turns;
	shelf->events = form->events;
	shelf->logged = form->logged;
	memcpy(shelf->log, form->log, sizeof(u32) * min_t(size_t, LOG, 4));
}
#endif

#ifndef CHANGED_take_more
/* What an update's state needs beside what version 1 would take. */
static void take_more(struct shelf *shelf, const struct catalog_form *form)
{
}
#endif

#ifndef CHANGED_items
static void begin(struct shelf *shelf)
{
	INIT_LIST_HEAD(&shelf->items);
}
#endif

static void destroy(void *state)
{
	struct shelf *shelf = state;
	struct item *item;

	while ((item = any(shelf))) {
		remove(shelf, item);
		kfree(item);
	}
	kfree(shelf);
}

static void *take(void *data)
{
	struct catalog_form *form = data;
	struct shelf *shelf = kzalloc(sizeof(*shelf), GFP_KERNEL);

	if (!shelf)
		return ERR_PTR(-ENOMEM);
	lock_init(&shelf->lock);
	spin_lock_init(&shelf->second);
	init_waitqueue_head(&shelf->called);
	init_waitqueue_head(&shelf->done);
	INIT_DELAYED_WORK(&shelf->beat, beat);
	shelf->on_event.notifier_call = on_event;
	begin(shelf);
	if (take_items(shelf, form)) {
		destroy(shelf);
		return ERR_PTR(-ENOMEM);
	}
	take_rest(shelf, form);
	take_more(shelf, form);
	kfree(form);
	return shelf;
}

static void resume_shelf(void *state)
{
	start(state);
}

static void halt_shelf(void *state)
{
	stop(state);
}

static void *create(unsigned long size)
{
	struct catalog_form *form = kzalloc(sizeof(*form), GFP_KERNEL);
	void *shelf = form ? take(form) : ERR_PTR(-ENOMEM);

	if (IS_ERR(shelf))
		kfree(form);
	else
		resume_shelf(shelf);
	return shelf;
}

#ifndef CHANGED_give_item
static void give_item(struct catalog_form *form, const struct item *item)
{
	form->items[form->count].key = item->key;
	form->items[form->count].value = worth(item);
	form->items[form->count++].refs = item->refs;
}
#endif

#ifndef CHANGED_give_rest
static void give_rest(struct catalog_form *form, const struct shelf *shelf)
{
	form->gets = shelf->stats.gets;
	form->beats = shelf->beats;
	form->turns = shelf->turns;
	form->events = shelf->events;
	form->logged = shelf->logged;
	memcpy(form->log, shelf->log, min(sizeof(form->log), sizeof(shelf->log)));
}
#endif

static void *give(void *state)
{
	struct shelf *shelf = state;
	struct catalog_form *form = kzalloc(struct_size(form, items, shelf->count), GFP_KERNEL);
	struct item *item;

	if (!form)
		return ERR_PTR(-ENOMEM);
	for_each_item(item, shelf) give_item(form, item);
	give_rest(form, shelf);
	return form;
}

/* give() copies: nothing has been passed on. */
static void regain(void *state, void *form)
{
	kfree(form);
}

static const struct catalog_ops ops = {ask};

static struct swap_version version = {
	.component = CATALOG_COMPONENT,
	.name = KBUILD_MODNAME + sizeof("lu_catalog"),
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.halt = halt_shelf,
	.resume = resume_shelf,
	.give = give,
	.take = take,
	.regain = regain,
};

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
