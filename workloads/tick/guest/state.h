/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of the tick service in two layouts (docs/reference/tick-protocol.md): what the two
 * versions of the application disagree on. Buckets of 512 words are what is copied from one to the
 * other.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TICK_FNV_BASIS	  14695981039346656037ULL
#define TICK_FNV_PRIME	  1099511628211ULL
#define TICK_BUCKET_WORDS 512
#define TICK_BUCKET_MAX	  ((TICK_BUCKET_WORDS + 2) * 8) /* bytes in any layout */
#define TICK_VERSIONS	  2

struct tick_state {
	uint64_t version; /* of the application: 1 or 2 */
	uint64_t seed, counter, hash;
	uint64_t words, dirty_words, buckets;
	void *memory;
	/* While it is copied: what was written since it was last saved, and the sum over all that
	 * was saved, as it is now. */
	bool tracked;
	uint8_t *dirty, *summed;
	uint64_t sum;
};

/* Memory for that version, not filled. false: there is not so much. version, seed, words,
 * dirty_words are set. */
bool tick_state_allocate(struct tick_state *state);
void tick_state_fill(struct tick_state *state);
/* The next request's writes. false: what was there is not what had been written. */
bool tick_state_touch(struct tick_state *state);
/* The hash over all words, which no layout changes. */
uint64_t tick_state_full(const struct tick_state *state);

size_t tick_bucket_bytes(uint64_t version);
/* Begin or end to keep track; begun anew, all is dirty and nothing is summed. */
bool tick_state_track(struct tick_state *state);
void tick_state_untrack(struct tick_state *state);
/* A bucket as it lies in memory; it is clean then. */
void tick_bucket_save(struct tick_state *state, uint64_t bucket, void *out);
/* The transformer: a bucket of that version's layout into this one's. false: it is damaged. */
bool tick_bucket_load(struct tick_state *state, uint64_t bucket, uint64_t version, const void *in);
