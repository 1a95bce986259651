// SPDX-License-Identifier: GPL-2.0
/* Version 3: checksums in a separate table, and no worker any more. */
#include <linux/slab.h>

#include "block/block.h"

struct tables {
	unsigned long blocks;
	struct page **pages;
	u32 *crcs;
	bool given; /* the pages have been handed over */
};

static struct page *page(void *state, unsigned long i)
{
	const struct tables *tables = state;

	return tables->pages[i];
}

static noinline void write(struct tables *tables, struct bio *bio)
{
	unsigned long first = block_first(bio), i;

	block_reside();
	block_copy(bio, page, tables);
	for (i = first; i < first + block_count(bio); i++)
		tables->crcs[i] = block_checksum(tables->pages[i]);
}

static void read(struct tables *tables, struct bio *bio)
{
	unsigned long first = block_first(bio), i;

	for (i = first; i < first + block_count(bio); i++)
		if (block_checksum(tables->pages[i]) != tables->crcs[i]) {
			bio->bi_status = BLK_STS_PROTECTION;
			return;
		}
	block_copy(bio, page, tables);
}

static void carry_out(struct tables *tables, struct bio *bio)
{
	if (bio_data_dir(bio) == WRITE)
		write(tables, bio);
	else
		read(tables, bio);
	bio_endio(bio);
}

static void submit(struct swap_instance *instance, struct bio *bio)
{
	carry_out(swap_state(instance), bio);
}

static void *take(void *neutral)
{
	struct block_form *form = neutral;
	struct tables *tables = kzalloc(sizeof(*tables), GFP_KERNEL);
	u32 *crcs = kvcalloc(form->blocks, sizeof(*crcs), GFP_KERNEL);
	struct bio *bio;
	unsigned long i;

	if (!tables || !crcs) {
		kvfree(crcs);
		kfree(tables);
		return ERR_PTR(-ENOMEM);
	}
	*tables = (struct tables){form->blocks, form->pages, crcs, false};
	for (i = 0; i < tables->blocks; i++) {
		crcs[i] = block_checksum(tables->pages[i]);
		cond_resched();
	}
	form->pages = NULL;
	while ((bio = bio_list_pop(&form->pending)))
		carry_out(tables, bio);
	block_form_drop(form);
	return tables;
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

static void destroy(void *state)
{
	struct tables *tables = state;

	if (!tables->given)
		block_pages_free(tables->pages, tables->blocks);
	kvfree(tables->pages);
	kvfree(tables->crcs);
	kfree(tables);
}

static void *give(void *state)
{
	struct tables *tables = state;
	struct block_form *form = block_form_new(tables->blocks);

	if (!form)
		return ERR_PTR(-ENOMEM);
	memcpy(form->pages, tables->pages, tables->blocks * sizeof(*form->pages));
	tables->given = true;
	return form;
}

static void regain(void *state, void *form)
{
	struct tables *tables = state;

	tables->given = false;
	block_form_drop(form);
}

static const struct block_ops ops = {submit};

static struct swap_version version = {
	.component = BLOCK_COMPONENT,
	.name = "v3",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Disk in RAM, version 3: checksums in a separate table");
