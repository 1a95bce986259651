/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image by what can be read of it at once: chunks of slots, and which pages have each slot. */
#pragma once
#include "qemu/memory-image/file.h"

struct lu_image_slots {
	const struct lu_image *image; /* borrowed */
	uint64_t per_chunk, chunks;
	uint32_t *first, *next; /* of each slot its first page, of each page the next alike */
	uint8_t *plain;
	void *zstd;
};

#define LU_IMAGE_NO_PAGE UINT32_MAX

/* A chunk is as many slots as `request` bytes hold, or a piece where pieces are compressed. */
void lu_image_slots_init(struct lu_image_slots *slots, const struct lu_image *image,
			 uint64_t request);
void lu_image_slots_clear(struct lu_image_slots *slots);
/* What a chunk is on flash. */
uint64_t lu_image_chunk_bytes(const struct lu_image_slots *slots, uint64_t chunk);
/* Of a chunk: its slots are *begin up to (not with) *end. */
void lu_image_chunk_range(const struct lu_image_slots *slots, uint64_t chunk, uint64_t *begin,
			  uint64_t *end);
/* Are all pages what was saved? LU_ERROR_FAILED: which is not. */
bool lu_image_verify(const struct lu_image *image, GError **error);
/* Unpacked, slot after slot; until the next one is. NULL with LU_ERROR_FAILED: it is damaged. */
const uint8_t *lu_image_chunk(struct lu_image_slots *slots, uint64_t chunk, GError **error);
