/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory image in units of one read: chunks of slots, and the pages that share each slot. */
#pragma once
#include "qemu/memory-image/file.h"

struct lu_image_slots {
	const struct lu_image *image; /* borrowed */
	uint64_t per_chunk, chunks;
	uint32_t *first,
		*next; /* for each slot its first page, for each page the next one equal to it */
	uint8_t *plain;
	void *zstd;
};

#define LU_IMAGE_NO_PAGE UINT32_MAX

/* A chunk is as many slots as fit into `request`
 * bytes, or one piece where pieces are compressed. */
void lu_image_slots_init(struct lu_image_slots *slots, const struct lu_image *image,
			 uint64_t request);
void lu_image_slots_clear(struct lu_image_slots *slots);
/* Size of a chunk on flash, bytes. */
uint64_t lu_image_chunk_bytes(const struct lu_image_slots *slots, uint64_t chunk);
/* The slots of a chunk: from *begin up to, not including, *end. */
void lu_image_chunk_range(const struct lu_image_slots *slots, uint64_t chunk, uint64_t *begin,
			  uint64_t *end);
/* Do all pages match their hashes? LU_ERROR_FAILED names the first that does not. */
bool lu_image_verify(const struct lu_image *image, GError **error);
/* A chunk's slots, unpacked; valid until the next
 * call. NULL with LU_ERROR_FAILED: it is damaged. */
const uint8_t *lu_image_chunk(struct lu_image_slots *slots, uint64_t chunk, GError **error);
