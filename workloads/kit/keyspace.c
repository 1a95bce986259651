/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and values that can be checked. */
#include <math.h>
#include <string.h>
#include "workloads/kit/keyspace.h"

#define THETA	0.99
#define SCATTER UINT64_C(2654435761)

/* SplitMix64's output function. */
static uint64_t mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static double zeta(uint64_t n)
{
	double sum = 0;

	for (uint64_t i = 1; i <= n; i++)
		sum += pow((double)i, -THETA);
	return sum;
}

void lu_keyspace_init(struct lu_keyspace *space, uint64_t seed, uint64_t keys, size_t value_bytes,
		      bool zipf)
{
	*space = (struct lu_keyspace){seed, keys, value_bytes, zipf};
	if (!zipf)
		return;
	space->zeta = zeta(keys);
	space->alpha = 1 / (1 - THETA);
	space->eta = (1 - pow(2.0 / (double)keys, 1 - THETA)) / (1 - zeta(2) / space->zeta);
}

uint64_t lu_keyspace_draw(const struct lu_keyspace *space, uint64_t id, unsigned draw)
{
	return mix(mix(mix(space->seed) ^ id) ^ draw);
}

/* Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD
 * 1994: rank by inversion. */
static uint64_t zipf_rank(const struct lu_keyspace *space, double u)
{
	double uz = u * space->zeta;

	if (uz < 1)
		return 0;
	if (uz < 1 + pow(0.5, THETA))
		return 1;
	return (uint64_t)((double)space->keys * pow(space->eta * u - space->eta + 1, space->alpha));
}

uint64_t lu_keyspace_pick(const struct lu_keyspace *space, uint64_t draw)
{
	if (!space->zipf || space->keys < 3)
		return draw % space->keys;
	/* A prime above any number of keys scatters the ranks without collisions. */
	return zipf_rank(space, (double)(draw >> 11) * 0x1p-53) * SCATTER % space->keys;
}

/* Key and version in plain form, then words derived from seed, key and version. */
void lu_keyspace_value(const struct lu_keyspace *space, uint64_t key, uint64_t version,
		       uint8_t *value)
{
	uint64_t word = mix(mix(space->seed ^ mix(key)) ^ version);
	uint64_t head[2] = {GUINT64_TO_LE(key), GUINT64_TO_LE(version)};

	memcpy(value, head, sizeof(head));
	for (size_t at = sizeof(head); at < space->value_bytes; at += sizeof(word)) {
		uint64_t le = GUINT64_TO_LE(word);

		memcpy(value + at, &le, MIN(sizeof(le), space->value_bytes - at));
		word = mix(word);
	}
}

bool lu_keyspace_check(const struct lu_keyspace *space, uint64_t key, const uint8_t *value,
		       size_t len, uint64_t *version)
{
	g_autofree uint8_t *expected = NULL;
	uint64_t le;

	if (len != space->value_bytes)
		return false;
	memcpy(&le, value + sizeof(le), sizeof(le));
	*version = GUINT64_FROM_LE(le);
	expected = g_malloc(len);
	lu_keyspace_value(space, key, *version, expected);
	return memcmp(expected, value, len) == 0;
}
