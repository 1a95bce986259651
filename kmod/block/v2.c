// SPDX-License-Identifier: GPL-2.0
/*
 * Version 2: another layout, a record per block with a checksum that every read verifies; bios are
 * queued, and a worker carries out whatever has gathered. A swap carries the queue over.
 *
 * Blocks imported from another version have no checksum yet. They get it after calls resume, from a
 * separate worker or at their first use: computing it does not delay the swap.
 */
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "block/block.h"

struct record {
	struct page *page;
	u32 crc;
	u32 writes : 31;
	u32 summed : 1;
};

struct store {
	unsigned long blocks;
	struct record *records;
	spinlock_t lock; /* of the queue */
	struct bio_list queue;
	bool halted, given;
	struct work_struct work;
	struct mutex sums;   /* protects pages and records, between the two workers */
	unsigned long swept; /* blocks below this index have their checksums */
	struct work_struct sweep;
};

static struct workqueue_struct *workers;

static struct page *page(void *state, unsigned long i)
{
	const struct store *store = state;

	return store->records[i].page;
}

static void sum(struct record *record)
{
	record->crc = block_checksum(record->page);
	record->summed = true;
}

static noinline void write(struct store *store, struct bio *bio)
{
	unsigned long first = block_first(bio), i;

	block_reside();
	mutex_lock(&store->sums);
	block_copy(bio, page, store);
	for (i = first; i < first + block_count(bio); i++) {
		sum(&store->records[i]);
		store->records[i].writes++;
	}
	mutex_unlock(&store->sums);
}

static bool is_whole(struct record *record)
{
	if (!record->summed)
		sum(record);
	return block_checksum(record->page) == record->crc;
}

static bool read(struct store *store, struct bio *bio)
{
	unsigned long first = block_first(bio), i;

	for (i = first; i < first + block_count(bio); i++)
		if (!is_whole(&store->records[i]))
			return false;
	block_copy(bio, page, store);
	return true;
}

static void read_locked(struct store *store, struct bio *bio)
{
	mutex_lock(&store->sums);
	if (!read(store, bio))
		bio->bi_status = BLK_STS_PROTECTION;
	mutex_unlock(&store->sums);
}

/* One block at a time, so that bios are served in between. */
static void sweep(struct work_struct *item)
{
	struct store *store = container_of(item, struct store, sweep);

	while (store->swept < store->blocks && !READ_ONCE(store->halted)) {
		struct record *record = &store->records[store->swept++];

		mutex_lock(&store->sums);
		if (!record->summed)
			sum(record);
		mutex_unlock(&store->sums);
		cond_resched();
	}
}

static struct bio_list grab(struct store *store)
{
	struct bio_list batch;

	spin_lock(&store->lock);
	batch = store->queue;
	bio_list_init(&store->queue);
	spin_unlock(&store->lock);
	return batch;
}

static void work(struct work_struct *item)
{
	struct store *store = container_of(item, struct store, work);
	struct bio_list batch = grab(store);
	struct bio *bio;

	while ((bio = bio_list_pop(&batch))) {
		if (bio_data_dir(bio) == WRITE)
			write(store, bio);
		else
			read_locked(store, bio);
		bio_endio(bio);
	}
}

static void submit(struct swap_instance *instance, struct bio *bio)
{
	struct store *store = swap_state(instance);

	spin_lock(&store->lock);
	bio_list_add(&store->queue, bio);
	spin_unlock(&store->lock);
	if (!READ_ONCE(store->halted))
		queue_work(workers, &store->work);
}

/* A batch that has begun is completed; queued bios stay queued. */
static void stop(void *state)
{
	struct store *store = state;

	WRITE_ONCE(store->halted, true);
	cancel_work_sync(&store->work);
	cancel_work_sync(&store->sweep);
}

static void go_on(void *state)
{
	struct store *store = state;

	WRITE_ONCE(store->halted, false);
	queue_work(workers, &store->work);
	queue_work(workers, &store->sweep);
}

static struct store *store_new(unsigned long blocks)
{
	struct store *store = kzalloc(sizeof(*store), GFP_KERNEL);

	if (!store)
		return NULL;
	store->blocks = blocks;
	store->records = kvcalloc(blocks, sizeof(*store->records), GFP_KERNEL);
	spin_lock_init(&store->lock);
	bio_list_init(&store->queue);
	INIT_WORK(&store->work, work);
	INIT_WORK(&store->sweep, sweep);
	mutex_init(&store->sums);
	if (store->records)
		return store;
	kfree(store);
	return NULL;
}

static void *take(void *neutral)
{
	struct block_form *form = neutral;
	struct store *store = store_new(form->blocks);
	unsigned long i;

	if (!store)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < store->blocks; i++)
		store->records[i].page = form->pages[i];
	bio_list_merge(&store->queue, &form->pending);
	block_form_drop(form);
	return store;
}

static void *create(unsigned long blocks)
{
	struct block_form *form = block_form_zero(blocks);
	void *state;

	if (!form)
		return ERR_PTR(-ENOMEM);
	state = take(form);
	if (IS_ERR(state)) {
		block_pages_free(form->pages, blocks);
		block_form_drop(form);
	}
	return state;
}

/* Halted, or never used: its queue is empty, since a disk is removed only without users. */
static void destroy(void *state)
{
	struct store *store = state;
	unsigned long i;

	for (i = 0; !store->given && i < store->blocks; i++)
		__free_page(store->records[i].page);
	kvfree(store->records);
	kfree(store);
}

static void *give(void *state)
{
	struct store *store = state;
	struct block_form *form = block_form_new(store->blocks);
	unsigned long i;

	if (!form)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < store->blocks; i++)
		form->pages[i] = store->records[i].page;
	form->pending = grab(store);
	store->given = true;
	return form;
}

/* During a swap nothing is added to the queue. */
static void regain(void *state, void *neutral)
{
	struct store *store = state;
	struct block_form *form = neutral;

	store->queue = form->pending;
	store->given = false;
	block_form_drop(form);
}

static const struct block_ops ops = {submit};

static struct swap_version version = {
	.component = BLOCK_COMPONENT,
	.name = "v2",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.halt = stop,
	.resume = go_on,
	.give = give,
	.take = take,
	.regain = regain,
};

static int __init v2_init(void)
{
	int error;

	workers = alloc_workqueue("lu_block_v2", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!workers)
		return -ENOMEM;
	error = swap_version_register(&version);
	if (error)
		destroy_workqueue(workers);
	return error;
}

static void __exit v2_exit(void)
{
	swap_version_unregister(&version);
	destroy_workqueue(workers);
}

module_init(v2_init);
module_exit(v2_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Disk in RAM, version 2: batches, and a checksum per block");
