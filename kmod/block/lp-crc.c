// SPDX-License-Identifier: GPL-2.0
/*
 * A new field in shadow variables: each block of version 1 gets a checksum that reads verify, as in
 * version 2, without changing version 1's layout.
 *
 * While the patch comes or goes, tasks in old code write blocks without their checksums. So
 * checksums are kept only between the end of one transition and the beginning of the next; those of
 * an earlier period are discarded. A block's checksum is computed when the block is first used.
 */
#include "livepatch/livepatch.h"

#if IS_ENABLED(CONFIG_LIVEPATCH)

#include <linux/bitmap.h>
#include <linux/overflow.h>

#include "block/lp-version.h"

#define SUMS_ID 1

struct sums {
	struct mutex lock; /* of sums and blocks */
	unsigned int term; /* the period in which they were computed */
	unsigned long *known;
	u32 crcs[];
};

static bool keeping;
static unsigned int term;

static size_t sums_size(unsigned long blocks)
{
	return struct_size((struct sums *)NULL, crcs, round_up(blocks, BITS_PER_LONG)) +
	       BITS_TO_LONGS(blocks) * sizeof(long);
}

/* Called under a spin lock, so nothing is allocated here: the bitmap lies behind the checksums. */
static int sums_init(void *state, void *shadow, void *data)
{
	const struct table *table = state;
	struct sums *sums = shadow;

	mutex_init(&sums->lock);
	sums->known = (unsigned long *)&sums->crcs[round_up(table->blocks, BITS_PER_LONG)];
	return 0;
}

static struct sums *sums_of(struct table *table)
{
	return klp_shadow_get_or_alloc(table, SUMS_ID, sums_size(table->blocks), GFP_NOIO,
				       sums_init, NULL);
}

static struct page *page(void *state, unsigned long i)
{
	const struct table *table = state;

	return table->pages[i];
}

static void note(struct table *table, struct sums *sums, const struct bio *bio)
{
	unsigned long i, end = block_first(bio) + block_count(bio);

	for (i = block_first(bio); i < end; i++) {
		sums->crcs[i] = block_checksum(table->pages[i]);
		__set_bit(i, sums->known);
	}
}

static bool verify(struct table *table, struct sums *sums, const struct bio *bio)
{
	unsigned long i, end = block_first(bio) + block_count(bio);

	for (i = block_first(bio); i < end; i++)
		if (test_bit(i, sums->known) && sums->crcs[i] != block_checksum(table->pages[i]))
			return false;
	return true;
}

static void forget_old(struct table *table, struct sums *sums)
{
	if (sums->term != READ_ONCE(term))
		bitmap_zero(sums->known, table->blocks);
	sums->term = READ_ONCE(term);
}

/* In an RCU read-side section: end_term() waits for those who have seen that checksums are kept. */
static void carry_out(struct table *table, struct sums *sums, struct bio *bio)
{
	bool keep = READ_ONCE(keeping);

	if (keep)
		forget_old(table, sums);
	if (keep && bio_data_dir(bio) == READ && !verify(table, sums, bio)) {
		bio->bi_status = BLK_STS_PROTECTION;
		return;
	}
	block_copy(bio, page, table);
	if (keep)
		note(table, sums, bio);
}

static void submit(struct swap_instance *instance, struct bio *bio)
{
	struct table *table = swap_state(instance);
	struct sums *sums = sums_of(table);

	if (!sums) {
		bio->bi_status = BLK_STS_RESOURCE;
		bio_endio(bio);
		return;
	}
	if (bio_data_dir(bio) == WRITE)
		block_reside();
	mutex_lock(&sums->lock);
	rcu_read_lock();
	carry_out(table, sums, bio);
	rcu_read_unlock();
	mutex_unlock(&sums->lock);
	bio_endio(bio);
}

static ssize_t version_show(struct swap_instance *instance, char *buf)
{
	return show_patched(instance, "+crc", buf);
}

/* Every task is in the new code. */
static void begin_term(struct klp_object *object)
{
	WRITE_ONCE(term, term + 1);
	smp_store_release(&keeping, true);
}

/* From here on tasks return to the old code one by one. */
static void end_term(struct klp_object *object)
{
	WRITE_ONCE(keeping, false);
	synchronize_rcu();
}

static void drop_sums(struct klp_object *object)
{
	klp_shadow_free_all(SUMS_ID, NULL);
}

static struct klp_func block_funcs[] = {{.old_name = "submit", .new_func = submit}, {}};
static struct klp_func swap_funcs[] = {{.old_name = "version_show", .new_func = version_show}, {}};
static struct klp_object objects[] = {{.name = "lu_block_v1",
				       .funcs = block_funcs,
				       .callbacks = {.post_patch = begin_term,
						     .pre_unpatch = end_term,
						     .post_unpatch = drop_sums}},
				      {.name = "lu_swap", .funcs = swap_funcs},
				      {}};

#endif

LU_LIVEPATCH(objects);
LU_LIVEPATCH_MODULE("Disk in RAM, version 1: live patch that adds checksums in shadow variables");
