/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory the dirty service holds after so many writes, as docs/reference/workloads.md defines
 * it: what the client expects and the simulated service does. The program in the guest
 * (workloads/dirty/guest/dirty.c) is an independent implementation, so the two check each other.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdint.h>

#define LU_DIRTY_BLOCK 4096

enum lu_dirty_pattern { LU_DIRTY_SEQUENTIAL, LU_DIRTY_RANDOM, LU_DIRTY_HOT_COLD };

struct lu_dirty {
	enum lu_dirty_pattern pattern;
	uint64_t blocks, writes;
	uint64_t bytes_per_s; /* asked for */
	uint32_t *counts;     /* by block: how often it was written */
};

/* From the workload's parameters; nothing is written yet. */
struct lu_dirty *lu_dirty_new(const json_t *params);
void lu_dirty_free(struct lu_dirty *dirty);
/* The block that write number w (from 0) goes to. */
uint64_t lu_dirty_block(const struct lu_dirty *dirty, uint64_t w);
/* Apply writes up to that many in all. */
void lu_dirty_advance(struct lu_dirty *dirty, uint64_t writes);
/* Last word of a block that was written count times. */
uint64_t lu_dirty_last_word(uint64_t block, uint64_t count);
/* Adds one block to the hash over the whole set; start with LU_TICK_FNV. */
uint64_t lu_dirty_fold(uint64_t hash, uint64_t count, uint64_t last_word);
/* The hash over the whole set. */
uint64_t lu_dirty_hash(const struct lu_dirty *dirty);
