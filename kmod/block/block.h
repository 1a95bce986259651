/* SPDX-License-Identifier: GPL-2.0 */
/* A RAM disk whose storage of blocks is a swappable version. */
#ifndef LU_BLOCK_H
#define LU_BLOCK_H

#include <linux/bio.h>
#include <linux/delay.h>

#include "swap/swap.h"

#define BLOCK_COMPONENT "block"
#define BLOCK_BYTES	PAGE_SIZE

/* The operations of a version. submit completes or queues the bio; it may sleep. */
struct block_ops {
	void (*submit)(struct swap_instance *instance, struct bio *bio);
};

/* The neutral form of the state, which every version can export and import. */
struct block_form {
	unsigned long blocks;
	struct page **pages;	 /* one per block */
	struct bio_list pending; /* accepted, not completed */
};

/* Without pages; NULL: out of memory. */
struct block_form *block_form_new(unsigned long blocks);
/* With zeroed pages; NULL: out of memory. */
struct block_form *block_form_zero(unsigned long blocks);
/* Free the form only: its pages have an owner. */
void block_form_drop(struct block_form *form);
void block_pages_free(struct page **pages, unsigned long blocks);
u32 block_checksum(struct page *page);

typedef struct page *(*block_page_fn)(void *state, unsigned long i);
/* Copy between a bio and its blocks. */
void block_copy(struct bio *bio, block_page_fn page, void *state);

static inline unsigned long block_first(const struct bio *bio)
{
	return bio->bi_iter.bi_sector >> (PAGE_SHIFT - SECTOR_SHIFT);
}

static inline unsigned long block_count(const struct bio *bio)
{
	return bio->bi_iter.bi_size >> PAGE_SHIFT;
}

/* The i-th disk of lu_block. */
struct block_device *block_device_of(int i);

extern unsigned int block_residency_us;
bool block_resides(void);

/* Now and then a call lingers at the worst point for a swap: after it has found its block. Inline,
 * so that this happens in the version's own code. */
static __always_inline void block_reside(void)
{
	if (unlikely(READ_ONCE(block_residency_us)) && block_resides())
		usleep_range(block_residency_us, block_residency_us + 10);
}

#endif
