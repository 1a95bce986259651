/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which chunk of a memory image is read next: requested ones first, all others in order. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_image_order {
	GQueue wants;		 /* waits, the earliest request first */
	uint8_t *read;		 /* for each chunk: has it been read? */
	uint64_t chunks, behind; /* behind: all chunks before this one have been read */
	unsigned waits;
	int64_t wait_ns, longest_ns; /* of waits that have ended: in total, the longest */
};

void lu_image_order_init(struct lu_image_order *order, uint64_t chunks);
void lu_image_order_clear(struct lu_image_order *order);
/* A wait for that chunk begins now. */
void lu_image_order_want(struct lu_image_order *order, uint64_t chunk, int64_t now_ns);
/* Have all chunks been read? */
bool lu_image_order_all(const struct lu_image_order *order);
/* The chunk whose turn it is; it may have been read already. */
uint64_t lu_image_order_next(const struct lu_image_order *order, bool *wanted);
/* It has been read: waits for it end now. */
void lu_image_order_done(struct lu_image_order *order, uint64_t chunk, int64_t now_ns);
