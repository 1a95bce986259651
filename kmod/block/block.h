/* SPDX-License-Identifier: GPL-2.0 */
/* A disk in RAM whose way of storing blocks is a swappable version. */
#ifndef LU_BLOCK_H
#define LU_BLOCK_H

#include <linux/bio.h>
#include <linux/delay.h>

#include "swap/swap.h"

#define BLOCK_COMPONENT "block"
#define BLOCK_BYTES	PAGE_SIZE

/* What a version offers. submit ends or keeps the bio; it may sleep. */
struct block_ops {
	void (*submit)(struct swap_instance *instance, struct bio *bio);
};

/* The neutral form: what every version can make of its state, and make a state of. */
struct block_form {
	unsigned long blocks;
	struct page **pages;	 /* one a block */
	struct bio_list pending; /* taken, not answered */
};

/* Without pages yet; NULL: no memory. */
struct block_form *block_form_new(unsigned long blocks);
/* With pages that are all zero; NULL: no memory. */
struct block_form *block_form_zero(unsigned long blocks);
/* The form alone: its pages have an owner. */
void block_form_drop(struct block_form *form);
void block_pages_free(struct page **pages, unsigned long blocks);
u32 block_checksum(struct page *page);

typedef struct page *(*block_page_fn)(void *state, unsigned long i);
/* Copies between a bio and the blocks that it is about. */
void block_copy(struct bio *bio, block_page_fn page, void *state);

static inline unsigned long block_first(const struct bio *bio)
{
	return bio->bi_iter.bi_sector >> (PAGE_SHIFT - SECTOR_SHIFT);
}

static inline unsigned long block_count(const struct bio *bio)
{
	return bio->bi_iter.bi_size >> PAGE_SHIFT;
}

/* Of lu_block: the i-th disk. */
struct block_device *block_device_of(int i);

extern unsigned int block_residency_us;
bool block_resides(void);

/* Now and then a call lingers where a swap hurts most: after it has found its block. Inline, so
 * that it does so in the version's own code. */
static __always_inline void block_reside(void)
{
	if (unlikely(READ_ONCE(block_residency_us)) && block_resides())
		usleep_range(block_residency_us, block_residency_us + 10);
}

#endif
