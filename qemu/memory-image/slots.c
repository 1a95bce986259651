/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/slots.h"
#include <string.h>
#include <zstd.h>
#include "record/error.h"

/* From the last page to the first, so that a slot's list begins with its first page. */
static void chain(struct lu_image_slots *slots)
{
	const struct lu_image *image = slots->image;

	for (uint64_t i = image->head->pages; i-- > 0;) {
		uint32_t slot = image->pages[i].slot;

		if (slot == LU_IMAGE_ZERO || slot >= image->head->stored)
			continue;
		slots->next[i] = slots->first[slot];
		slots->first[slot] = (uint32_t)i;
	}
}

static uint32_t *no_pages(uint64_t count)
{
	uint32_t *list = g_new(uint32_t, count + 1);

	memset(list, 0xff, (count + 1) * sizeof(*list));
	return list;
}

void lu_image_slots_init(struct lu_image_slots *slots, const struct lu_image *image,
			 uint64_t request)
{
	uint64_t per_chunk = image->head->zstd ? LU_IMAGE_PIECE : MAX(request / LU_IMAGE_PAGE, 1);

	*slots = (struct lu_image_slots){
		.image = image,
		.per_chunk = per_chunk,
		.chunks = (image->head->stored + per_chunk - 1) / per_chunk,
		.first = no_pages(image->head->stored),
		.next = no_pages(image->head->pages),
		.plain = g_malloc(per_chunk * LU_IMAGE_PAGE),
		.zstd = image->head->zstd ? ZSTD_createDCtx() : NULL,
	};
	chain(slots);
}

void lu_image_slots_clear(struct lu_image_slots *slots)
{
	g_clear_pointer(&slots->first, g_free);
	g_clear_pointer(&slots->next, g_free);
	g_clear_pointer(&slots->plain, g_free);
	ZSTD_freeDCtx(slots->zstd);
	slots->zstd = NULL;
}

void lu_image_chunk_range(const struct lu_image_slots *slots, uint64_t chunk, uint64_t *begin,
			  uint64_t *end)
{
	*begin = chunk * slots->per_chunk;
	*end = MIN(*begin + slots->per_chunk, slots->image->head->stored);
}

uint64_t lu_image_chunk_bytes(const struct lu_image_slots *slots, uint64_t chunk)
{
	uint64_t begin, end;

	if (slots->zstd)
		return slots->image->pieces[chunk].bytes;
	lu_image_chunk_range(slots, chunk, &begin, &end);
	return (end - begin) * LU_IMAGE_PAGE;
}

/* Uncompressed pieces are contiguous, each a multiple of a page. */
static bool copy_slots(struct lu_image_slots *slots, uint64_t begin, uint64_t end, GError **error)
{
	const struct lu_image *image = slots->image;

	for (uint64_t slot = begin; slot < end;) {
		uint64_t piece = slot / LU_IMAGE_PIECE;
		uint64_t skip = slot % LU_IMAGE_PIECE;
		uint64_t count = MIN(end - slot, LU_IMAGE_PIECE - skip);
		const uint8_t *from = lu_image_plain(image, piece, error);

		if (!from)
			return false;
		memcpy(slots->plain + (slot - begin) * LU_IMAGE_PAGE, from + skip * LU_IMAGE_PAGE,
		       count * LU_IMAGE_PAGE);
		slot += count;
	}
	return true;
}

const uint8_t *lu_image_chunk(struct lu_image_slots *slots, uint64_t chunk, GError **error)
{
	uint64_t begin, end;
	bool ok;

	lu_image_chunk_range(slots, chunk, &begin, &end);
	ok = slots->zstd ? lu_image_unpack(slots->image, chunk, slots->zstd, slots->plain, error)
			 : copy_slots(slots, begin, end, error);
	return ok ? slots->plain : NULL;
}

static bool verify_chunk(struct lu_image_slots *slots, uint64_t chunk, GError **error)
{
	const uint8_t *bytes = lu_image_chunk(slots, chunk, error);
	uint64_t slot, end;

	if (!bytes)
		return false;
	lu_image_chunk_range(slots, chunk, &slot, &end);
	for (; slot < end; slot++, bytes += LU_IMAGE_PAGE) {
		uint32_t page = slots->first[slot];

		if (page == LU_IMAGE_NO_PAGE ||
		    lu_image_page_good(&slots->image->pages[page], bytes))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "%s: page %u is damaged; remove the file and it will be built again",
			    slots->image->path, page);
		return false;
	}
	return true;
}

bool lu_image_verify(const struct lu_image *image, GError **error)
{
	struct lu_image_slots slots;
	bool ok = true;

	lu_image_slots_init(&slots, image, (uint64_t)LU_IMAGE_PIECE * LU_IMAGE_PAGE);
	for (uint64_t chunk = 0; ok && chunk < slots.chunks; chunk++)
		ok = verify_chunk(&slots, chunk, error);
	lu_image_slots_clear(&slots);
	return ok;
}
