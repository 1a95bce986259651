/* SPDX-License-Identifier: GPL-2.0 */
/* A shelf: its types, its lock, and every function that an update may redefine. Part of base.c,
 * without the parts that an update defines itself (CHANGED_x). */
#pragma once

#ifndef CHANGED_item
struct item {
	struct list_head list;
	u32 key, value;
	u32 refs; /* besides the shelf's own */
};
#endif

#ifndef CHANGED_stats
struct stats {
	unsigned int gets;
};
#endif

#ifndef CHANGED_log
#define LOG 4 /* number of recent keys logged */
#endif

#ifndef CHANGED_limit
#define LIMIT 8 /* items */
#endif

#ifndef CHANGED_lock
typedef spinlock_t lock_type;
#define lock_init spin_lock_init
#endif

#ifndef CHANGED_items
typedef struct list_head items_type; /* newest first */
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

/* Functions that an update may redefine. */
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
