/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of the tick service in two layouts (docs/reference/tick-protocol.md): where the two
 * versions of the application differ. Buckets of 512 words are the unit of transfer between them.
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
	/* While it is copied: the buckets written since they were last saved, and the current
	 * checksum over all that was saved. */
	bool tracked;
	uint8_t *dirty, *summed;
	uint64_t sum;
};

/* Allocate memory for that version, not filled. false: out of memory. version, seed, words,
 * dirty_words are set. */
bool tick_state_allocate(struct tick_state *state);
void tick_state_fill(struct tick_state *state);
/* Make the next request's writes. false: memory did not hold what had been written. */
bool tick_state_touch(struct tick_state *state);
/* The hash over all words, independent of the layout. */
uint64_t tick_state_full(const struct tick_state *state);

size_t tick_bucket_bytes(uint64_t version);
/* Start or end dirty tracking; at the start everything is dirty and the checksum is empty. */
bool tick_state_track(struct tick_state *state);
void tick_state_untrack(struct tick_state *state);
/* Save a bucket in its in-memory layout, and mark it clean. */
void tick_bucket_save(struct tick_state *state, uint64_t bucket, void *out);
/* The state transformer: converts a bucket from that version's layout to this one's.
 * false: it is damaged. */
bool tick_bucket_load(struct tick_state *state, uint64_t bucket, uint64_t version, const void *in);
