// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a call in practice: a block read through the block layer on a disk whose
 * driver can be swapped, and on another whose driver calls the same version directly
 * (straight_from of lu_block). The median of many, measured alternately, so that interrupts
 * and other work do not count.
 */
#include <linux/bio.h>
#include <linux/completion.h>
#include <linux/highmem.h>
#include <linux/sort.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include "block/block.h"
#include "cost/cost.h"

#define SAMPLES 1001

static u64 ticks_of(struct block_device *bdev, struct page *page)
{
	struct bio_vec vec;
	struct bio bio;
	u64 begin;

	bio_init(&bio, bdev, &vec, 1, REQ_OP_READ | REQ_SYNC);
	__bio_add_page(&bio, page, PAGE_SIZE, 0);
	begin = get_cycles();
	submit_bio_wait(&bio);
	begin = get_cycles() - begin;
	bio_uninit(&bio);
	return begin;
}

static int by_size(const void *a, const void *b)
{
	u64 one = *(const u64 *)a, other = *(const u64 *)b;

	return one < other ? -1 : one > other;
}

static u64 median(u64 *samples)
{
	sort(samples, SAMPLES, sizeof(*samples), by_size, NULL);
	return samples[SAMPLES / 2];
}

static void measure(struct seq_file *out, struct page *page, u64 *samples)
{
	static const char *const ways[] = {"now", "straight"};
	u64 *of[] = {samples, samples + SAMPLES};
	int i, disk;

	for (i = 0; i < SAMPLES; i++) {
		for (disk = 0; disk < 2; disk++)
			of[disk][i] = ticks_of(block_device_of(disk), page);
		cond_resched();
	}
	for (disk = 0; disk < 2; disk++)
		seq_printf(out, "read.%s %llu\n", ways[disk], median(of[disk]));
}

int cost_bios(struct seq_file *out)
{
	u64 *samples = kvcalloc(2 * SAMPLES, sizeof(*samples), GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	bool have = samples && page;

	if (have)
		measure(out, page, samples);
	kvfree(samples);
	if (page)
		__free_page(page);
	return have ? 0 : -ENOMEM;
}
