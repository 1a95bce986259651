// SPDX-License-Identifier: GPL-2.0
/*
 * A fix of version 1's code: a bio beyond the end of the table is rejected by the driver itself,
 * not only by the layers above it.
 */
#include "livepatch/livepatch.h"

#if IS_ENABLED(CONFIG_LIVEPATCH)

#include "block/lp-version.h"

static struct page *page(void *state, unsigned long i)
{
	const struct table *table = state;

	return table->pages[i];
}

static void submit(struct swap_instance *instance, struct bio *bio)
{
	struct table *table = swap_state(instance);

	if (block_first(bio) + block_count(bio) > table->blocks) {
		bio_io_error(bio);
		return;
	}
	if (bio_data_dir(bio) == WRITE)
		block_reside();
	block_copy(bio, page, table);
	bio_endio(bio);
}

static ssize_t version_show(struct swap_instance *instance, char *buf)
{
	return show_patched(instance, "+fix", buf);
}

static struct klp_func block_funcs[] = {{.old_name = "submit", .new_func = submit}, {}};
static struct klp_func swap_funcs[] = {{.old_name = "version_show", .new_func = version_show}, {}};
static struct klp_object objects[] = {{.name = "lu_block_v1", .funcs = block_funcs},
				      {.name = "lu_swap", .funcs = swap_funcs},
				      {}};

#endif

LU_LIVEPATCH(objects);
LU_LIVEPATCH_MODULE("Disk in RAM, version 1: live patch of its code");
