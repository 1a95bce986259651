/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which chunk of an image is read next: what is waited for, and between that all else in order. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_image_order {
	GQueue wants;		 /* who waits, the first to ask first */
	uint8_t *read;		 /* by chunk */
	uint64_t chunks, behind; /* all before that one have been read */
	unsigned waits;
	int64_t wait_ns, longest_ns; /* of those who wait no more: all together, the longest */
};

void lu_image_order_init(struct lu_image_order *order, uint64_t chunks);
void lu_image_order_clear(struct lu_image_order *order);
/* Somebody waits for something of that chunk from now on. */
void lu_image_order_want(struct lu_image_order *order, uint64_t chunk, int64_t now_ns);
/* Has all been read? */
bool lu_image_order_all(const struct lu_image_order *order);
/* The chunk whose turn it is; it may have been read already. */
uint64_t lu_image_order_next(const struct lu_image_order *order, bool *wanted);
/* It has been read: nobody waits for it any more. */
void lu_image_order_done(struct lu_image_order *order, uint64_t chunk, int64_t now_ns);
