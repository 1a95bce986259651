// SPDX-License-Identifier: GPL-2.0
/* Version 1: a table of pages; each bio is carried out at once by its caller. */
#include <linux/slab.h>

#include "block/v1.h"

static struct page *page(void *state, unsigned long i)
{
	const struct table *table = state;

	return table->pages[i];
}

static noinline void write(struct table *table, struct bio *bio)
{
	block_reside();
	block_copy(bio, page, table);
}

static void carry_out(struct table *table, struct bio *bio)
{
	if (bio_data_dir(bio) == WRITE)
		write(table, bio);
	else
		block_copy(bio, page, table);
	bio_endio(bio);
}

static void submit(struct swap_instance *instance, struct bio *bio)
{
	carry_out(swap_state(instance), bio);
}

static void *take(void *neutral)
{
	struct block_form *form = neutral;
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct bio *bio;

	if (!table)
		return ERR_PTR(-ENOMEM);
	table->blocks = form->blocks;
	table->pages = form->pages;
	form->pages = NULL;
	while ((bio = bio_list_pop(&form->pending)))
		carry_out(table, bio);
	block_form_drop(form);
	return table;
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
	struct table *table = state;

	if (!table->given)
		block_pages_free(table->pages, table->blocks);
	kvfree(table->pages);
	kfree(table);
}

static void *give(void *state)
{
	struct table *table = state;
	struct block_form *form = block_form_new(table->blocks);

	if (!form)
		return ERR_PTR(-ENOMEM);
	memcpy(form->pages, table->pages, table->blocks * sizeof(*form->pages));
	table->given = true;
	return form;
}

static void regain(void *state, void *form)
{
	struct table *table = state;

	table->given = false;
	block_form_drop(form);
}

static const struct block_ops ops = {submit};

static struct swap_version version = {
	.component = BLOCK_COMPONENT,
	.name = "v1",
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
MODULE_DESCRIPTION("Disk in RAM, version 1: direct");
