/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/dirty/memory.h"
#include <string.h>
#include "model/param.h"
#include "workloads/kit/tick.h"

#define STEP	  UINT64_C(0x9e3779b97f4a7c15)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t mix(uint64_t x)
{
	uint64_t z = x + STEP;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static enum lu_dirty_pattern pattern_of(const char *name)
{
	if (g_str_equal(name, "sequential"))
		return LU_DIRTY_SEQUENTIAL;
	return g_str_equal(name, "random") ? LU_DIRTY_RANDOM : LU_DIRTY_HOT_COLD;
}

struct lu_dirty *lu_dirty_new(const json_t *params)
{
	struct lu_dirty *dirty = g_new0(struct lu_dirty, 1);

	dirty->pattern = pattern_of(lu_param_str(params, "pattern"));
	dirty->blocks = ((uint64_t)lu_param_int(params, "dirty_mb") << 20) / LU_DIRTY_BLOCK;
	dirty->bytes_per_s = (uint64_t)lu_param_int(params, "dirty_mb_per_s") * 1000000;
	dirty->counts = g_new0(uint32_t, dirty->blocks);
	return dirty;
}

void lu_dirty_free(struct lu_dirty *dirty)
{
	if (!dirty)
		return;
	g_free(dirty->counts);
	g_free(dirty);
}

uint64_t lu_dirty_block(const struct lu_dirty *dirty, uint64_t w)
{
	uint64_t draw = mix(w), hot = dirty->blocks / 10;

	if (dirty->pattern == LU_DIRTY_SEQUENTIAL)
		return w % dirty->blocks;
	if (dirty->pattern == LU_DIRTY_RANDOM)
		return draw % dirty->blocks;
	return draw % 10 ? (draw >> 8) % hot : hot + (draw >> 8) % (dirty->blocks - hot);
}

void lu_dirty_advance(struct lu_dirty *dirty, uint64_t writes)
{
	while (dirty->writes < writes)
		dirty->counts[lu_dirty_block(dirty, dirty->writes++)]++;
}

uint64_t lu_dirty_last_word(uint64_t block, uint64_t count)
{
	return mix(mix(block) ^ count) + STEP * (LU_DIRTY_BLOCK / 8 - 1);
}

uint64_t lu_dirty_fold(uint64_t hash, uint64_t count, uint64_t last_word)
{
	hash = (hash ^ count) * FNV_PRIME;
	return (hash ^ last_word) * FNV_PRIME;
}

uint64_t lu_dirty_hash(const struct lu_dirty *dirty)
{
	uint64_t hash = LU_TICK_FNV;

	for (uint64_t block = 0; block < dirty->blocks; block++)
		hash = lu_dirty_fold(hash, dirty->counts[block],
				     lu_dirty_last_word(block, dirty->counts[block]));
	return hash;
}
