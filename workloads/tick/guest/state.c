/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/tick/guest/state.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "workloads/kit/guest/pattern.h"

/* Version 1 is one array of words. Version 2 counts the writes of each bucket and keeps a checksum
 * of its words, so it detects damage before it answers. */
struct bucket_2 {
	uint64_t writes, check; /* check: all words, xor'd */
	uint64_t words[TICK_BUCKET_WORDS];
};

size_t tick_bucket_bytes(uint64_t version)
{
	return version == 1 ? TICK_BUCKET_WORDS * 8 : sizeof(struct bucket_2);
}

static void *bucket_at(const struct tick_state *state, uint64_t bucket)
{
	return (char *)state->memory + bucket * tick_bucket_bytes(state->version);
}

static uint64_t *words_of(uint64_t version, void *bucket)
{
	return version == 1 ? bucket : ((struct bucket_2 *)bucket)->words;
}

static uint64_t *bucket_words(const struct tick_state *state, uint64_t bucket)
{
	return words_of(state->version, bucket_at(state, bucket));
}

static uint64_t xor_of(const uint64_t *words)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < TICK_BUCKET_WORDS; i++)
		all ^= words[i];
	return all;
}

static bool bucket_sound(uint64_t version, const void *bucket)
{
	const struct bucket_2 *b = bucket;

	return version == 1 || b->check == xor_of(b->words);
}

/* A word's contribution to the checksum. */
static uint64_t share(uint64_t index, uint64_t word)
{
	return pattern_mix(pattern_mix(index) ^ word);
}

static uint64_t bucket_share(const struct tick_state *state, uint64_t bucket)
{
	const uint64_t *words = bucket_words(state, bucket);
	uint64_t sum = 0;

	for (unsigned i = 0; i < TICK_BUCKET_WORDS; i++)
		sum += share(bucket * TICK_BUCKET_WORDS + i, words[i]);
	return sum;
}

bool tick_state_allocate(struct tick_state *state)
{
	state->buckets = state->words / TICK_BUCKET_WORDS;
	state->memory = mmap(NULL, state->buckets * tick_bucket_bytes(state->version),
			     PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return state->memory != MAP_FAILED;
}

void tick_state_fill(struct tick_state *state)
{
	for (uint64_t bucket = 0; bucket < state->buckets; bucket++) {
		uint64_t *words = bucket_words(state, bucket);

		for (unsigned i = 0; i < TICK_BUCKET_WORDS; i++)
			words[i] = pattern_mix(state->seed + bucket * TICK_BUCKET_WORDS + i);
		if (state->version == 2)
			((struct bucket_2 *)bucket_at(state, bucket))->check = xor_of(words);
	}
	state->hash = pattern_mix(state->seed);
}

static void write_word(struct tick_state *state, uint64_t index, uint64_t word)
{
	uint64_t bucket = index / TICK_BUCKET_WORDS;
	struct bucket_2 *b = bucket_at(state, bucket);
	uint64_t *at = bucket_words(state, bucket) + index % TICK_BUCKET_WORDS;

	if (state->version == 2) {
		b->check ^= *at ^ word;
		b->writes++;
	}
	if (state->tracked) {
		state->dirty[bucket] = 1;
		if (state->summed[bucket])
			state->sum += share(index, word) - share(index, *at);
	}
	*at = word;
}

bool tick_state_touch(struct tick_state *state)
{
	uint64_t c = ++state->counter, first = pattern_mix(c), last = UINT64_MAX;

	for (uint64_t k = 0; k < state->dirty_words; k++) {
		uint64_t index = (first + k) % state->words, bucket = index / TICK_BUCKET_WORDS;
		uint64_t word = bucket_words(state, bucket)[index % TICK_BUCKET_WORDS];

		if (bucket != last && !bucket_sound(state->version, bucket_at(state, bucket)))
			return false;
		last = bucket;
		word = pattern_mix(word ^ c);
		write_word(state, index, word);
		state->hash = pattern_mix(state->hash ^ word);
	}
	return true;
}

uint64_t tick_state_full(const struct tick_state *state)
{
	uint64_t hash = TICK_FNV_BASIS;

	for (uint64_t bucket = 0; bucket < state->buckets; bucket++) {
		const uint64_t *words = bucket_words(state, bucket);

		for (unsigned i = 0; i < TICK_BUCKET_WORDS; i++)
			hash = (hash ^ words[i]) * TICK_FNV_PRIME;
	}
	return hash;
}

bool tick_state_track(struct tick_state *state)
{
	tick_state_untrack(state);
	state->dirty = malloc(state->buckets);
	state->summed = calloc(state->buckets, 1);
	state->sum = 0;
	if (!state->dirty || !state->summed) {
		tick_state_untrack(state);
		return false;
	}
	memset(state->dirty, 1, state->buckets);
	state->tracked = true;
	return true;
}

void tick_state_untrack(struct tick_state *state)
{
	free(state->dirty);
	free(state->summed);
	state->dirty = state->summed = NULL;
	state->tracked = false;
}

/* A write that dirty tracking misses still changes the checksum: it is updated by the words written
 * and not by the buckets sent, so it is an independent check. */
void tick_bucket_save(struct tick_state *state, uint64_t bucket, void *out)
{
	memcpy(out, bucket_at(state, bucket), tick_bucket_bytes(state->version));
	state->dirty[bucket] = 0;
	if (!state->summed[bucket])
		state->sum += bucket_share(state, bucket);
	state->summed[bucket] = 1;
}

bool tick_bucket_load(struct tick_state *state, uint64_t bucket, uint64_t version, const void *in)
{
	struct bucket_2 *b = bucket_at(state, bucket);
	uint64_t *words = bucket_words(state, bucket);

	if (!bucket_sound(version, in))
		return false;
	if (state->summed[bucket])
		state->sum -= bucket_share(state, bucket);
	memcpy(words, words_of(version, (void *)in), TICK_BUCKET_WORDS * 8);
	if (state->version == 2) {
		b->check = xor_of(words);
		b->writes = version == 2 ? ((const struct bucket_2 *)in)->writes : 0;
	}
	state->sum += bucket_share(state, bucket);
	state->summed[bucket] = 1;
	state->dirty[bucket] = 0;
	return true;
}
