// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a disk's state, and code shared by all versions. */
#include <linux/crc32.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "block/block.h"

unsigned int block_residency_us;
module_param_named(residency_us, block_residency_us, uint, 0644);
MODULE_PARM_DESC(residency_us, "how long a lingering write sleeps inside a version's code, us");
EXPORT_SYMBOL_GPL(block_residency_us);

static unsigned int residency_every = 64;
module_param(residency_every, uint, 0644);
MODULE_PARM_DESC(residency_every, "every how many writes one lingers");

static atomic_t writes;

bool block_resides(void)
{
	return atomic_inc_return(&writes) % max(READ_ONCE(residency_every), 1U) == 0;
}
EXPORT_SYMBOL_GPL(block_resides);

struct block_form *block_form_new(unsigned long blocks)
{
	struct block_form *form = kzalloc(sizeof(*form), GFP_KERNEL);

	if (!form)
		return NULL;
	form->blocks = blocks;
	form->pages = kvcalloc(blocks, sizeof(*form->pages), GFP_KERNEL);
	bio_list_init(&form->pending);
	if (form->pages)
		return form;
	kfree(form);
	return NULL;
}
EXPORT_SYMBOL_GPL(block_form_new);

void block_pages_free(struct page **pages, unsigned long blocks)
{
	unsigned long i;

	for (i = 0; i < blocks; i++)
		if (pages[i])
			__free_page(pages[i]);
}
EXPORT_SYMBOL_GPL(block_pages_free);

struct block_form *block_form_zero(unsigned long blocks)
{
	struct block_form *form = block_form_new(blocks);
	unsigned long i;

	for (i = 0; form && i < blocks; i++) {
		form->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!form->pages[i]) {
			block_pages_free(form->pages, blocks);
			block_form_drop(form);
			return NULL;
		}
	}
	return form;
}
EXPORT_SYMBOL_GPL(block_form_zero);

void block_form_drop(struct block_form *form)
{
	kvfree(form->pages);
	kfree(form);
}
EXPORT_SYMBOL_GPL(block_form_drop);

u32 block_checksum(struct page *page)
{
	void *bytes = kmap_local_page(page);
	u32 crc = crc32_le(~0, bytes, BLOCK_BYTES);

	kunmap_local(bytes);
	return crc;
}
EXPORT_SYMBOL_GPL(block_checksum);

void block_copy(struct bio *bio, block_page_fn page, void *state)
{
	u64 at = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct bvec_iter iter;
	struct bio_vec vec;

	bio_for_each_segment(vec, bio, iter)
	{
		unsigned int done = 0;

		while (done < vec.bv_len) {
			struct page *block = page(state, at >> PAGE_SHIFT);
			unsigned int offset = offset_in_page(at);
			unsigned int n = min_t(unsigned int, vec.bv_len - done, PAGE_SIZE - offset);

			if (bio_data_dir(bio) == WRITE)
				memcpy_page(block, offset, vec.bv_page, vec.bv_offset + done, n);
			else
				memcpy_page(vec.bv_page, vec.bv_offset + done, block, offset, n);
			done += n;
			at += n;
		}
	}
}
EXPORT_SYMBOL_GPL(block_copy);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Neutral form of a RAM disk's state");
