/* SPDX-License-Identifier: GPL-2.0 */
/* The commands on a shelf's items. Part of base.c, without the parts that an update
 * defines itself (CHANGED_x). */
#pragma once

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
/* Bug: the wrong error code. */
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
/* Whether the critical section may sleep, according to the kernel. */
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
	return part * 10 / whole; /* bug: per ten */
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
	/* The symbol by which a patching tool would find it. */
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
/* Not traceable, like code that the tracer itself uses. */
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
/* Commands of later versions. */
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
