/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of keys with values that can be checked: which key a request touches is a function of seed
 * and request, a value is a function of seed, key and version, so any value read proves by itself
 * which write it came from, or that it is damaged.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LU_VALUE_MIN_BYTES 32

struct lu_keyspace {
	uint64_t seed, keys;
	size_t value_bytes;
	bool zipf;
	double zeta, alpha, eta; /* of the Zipf generator */
};

/* value_bytes is at least LU_VALUE_MIN_BYTES. zipf: key popularity ~ rank^-0.99, scattered over the
 * keys; else uniform. */
void lu_keyspace_init(struct lu_keyspace *space, uint64_t seed, uint64_t keys, size_t value_bytes,
		      bool zipf);
/* 64 random bits that depend on seed, id and draw alone. */
uint64_t lu_keyspace_draw(const struct lu_keyspace *space, uint64_t id, unsigned draw);
/* The key selected by a draw. */
uint64_t lu_keyspace_pick(const struct lu_keyspace *space, uint64_t draw);
/* Fill value_bytes at value. */
void lu_keyspace_value(const struct lu_keyspace *space, uint64_t key, uint64_t version,
		       uint8_t *value);
/* Whether this is an undamaged value of that key; *version: the write it is from. */
bool lu_keyspace_check(const struct lu_keyspace *space, uint64_t key, const uint8_t *value,
		       size_t len, uint64_t *version);
