/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a memory image: pages become slots, slots become pieces; the tables, whose sizes are
 * known beforehand, are written last. */
#include "qemu/memory-image/file.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>
#include "record/error.h"

enum { LEVEL = 3 };

struct writer {
	int fd;
	const struct lu_image_parts *parts;
	struct lu_image_head head;
	struct lu_image_page *pages;
	struct lu_image_piece *pieces;
	GHashTable *slots; /* &page.hash of the first page with those contents → that page */
	ZSTD_CCtx *zstd;
	uint8_t *plain, *packed;
	size_t packed_max;
	uint32_t fill; /* pages in plain */
};

static bool put(struct writer *writer, const void *bytes, size_t len, uint64_t at, GError **error)
{
	const char *from = bytes;

	while (len) {
		ssize_t n = pwrite(writer->fd, from, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
				    "writing the memory image: %s", g_strerror(errno));
			return false;
		}
		from += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool flush(struct writer *writer, GError **error)
{
	size_t len = (size_t)writer->fill * LU_IMAGE_PAGE;
	const uint8_t *bytes = writer->plain;

	if (!writer->fill)
		return true;
	if (writer->zstd) {
		len = ZSTD_compressCCtx(writer->zstd, writer->packed, writer->packed_max,
					writer->plain, len, LEVEL);
		bytes = writer->packed;
	}
	writer->pieces[writer->head.pieces++] =
		(struct lu_image_piece){writer->head.file_bytes, (uint32_t)len, writer->fill};
	writer->fill = 0;
	if (!put(writer, bytes, len, writer->head.file_bytes, error))
		return false;
	writer->head.file_bytes += len;
	return true;
}

static bool store(struct writer *writer, struct lu_image_page *page, const uint8_t *bytes,
		  GError **error)
{
	page->slot = (uint32_t)writer->head.stored++;
	memcpy(writer->plain + (size_t)writer->fill * LU_IMAGE_PAGE, bytes, LU_IMAGE_PAGE);
	writer->fill++;
	return writer->fill < LU_IMAGE_PIECE || flush(writer, error);
}

static const uint8_t *page_bytes(const struct writer *writer, const struct lu_image_page *page)
{
	return writer->parts->memory + (uint64_t)(page - writer->pages) * LU_IMAGE_PAGE;
}

static const uint8_t zero[LU_IMAGE_PAGE];

static bool add_page(struct writer *writer, uint64_t i, GError **error)
{
	struct lu_image_page *page = &writer->pages[i], *like;
	const uint8_t *bytes = page_bytes(writer, page);

	page->hash = XXH3_64bits(bytes, LU_IMAGE_PAGE);
	page->slot = LU_IMAGE_ZERO;
	if (!writer->parts->form.dedup)
		return store(writer, page, bytes, error);
	if (!memcmp(bytes, zero, LU_IMAGE_PAGE))
		return true;
	like = g_hash_table_lookup(writer->slots, &page->hash);
	if (like && !memcmp(page_bytes(writer, like), bytes, LU_IMAGE_PAGE)) {
		page->slot = like->slot;
		return true;
	}
	if (!like)
		g_hash_table_insert(writer->slots, &page->hash, page);
	return store(writer, page, bytes, error);
}

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + LU_IMAGE_PAGE - 1) / LU_IMAGE_PAGE * LU_IMAGE_PAGE;
}

static void lay_out(struct writer *writer, size_t about_bytes)
{
	struct lu_image_head *head = &writer->head;
	uint64_t max_pieces;

	memcpy(head->magic, LU_IMAGE_MAGIC, sizeof(head->magic));
	head->memory_bytes = writer->parts->memory_bytes;
	head->pages = head->memory_bytes / LU_IMAGE_PAGE;
	max_pieces = (head->pages + LU_IMAGE_PIECE - 1) / LU_IMAGE_PIECE;
	head->about_at = LU_IMAGE_PAGE;
	head->about_bytes = about_bytes;
	head->devices_at = round_up(head->about_at + about_bytes);
	head->devices_bytes = writer->parts->devices_bytes;
	head->pages_at = round_up(head->devices_at + head->devices_bytes);
	head->pieces_at = head->pages_at + head->pages * sizeof(struct lu_image_page);
	head->data_at = round_up(head->pieces_at + max_pieces * sizeof(struct lu_image_piece));
	head->file_bytes = head->data_at;
	head->zstd = writer->parts->form.zstd;
	writer->pages = g_new0(struct lu_image_page, head->pages);
	writer->pieces = g_new0(struct lu_image_piece, max_pieces);
}

static bool put_tables(struct writer *writer, const char *about, GError **error)
{
	struct lu_image_head *head = &writer->head;
	g_autofree uint8_t *tables = g_malloc0(head->data_at);

	memcpy(tables + head->about_at, about, head->about_bytes);
	memcpy(tables + head->devices_at, writer->parts->devices, head->devices_bytes);
	memcpy(tables + head->pages_at, writer->pages, head->pages * sizeof(*writer->pages));
	memcpy(tables + head->pieces_at, writer->pieces, head->pieces * sizeof(*writer->pieces));
	head->hash = lu_image_tables_hash(head, tables + LU_IMAGE_PAGE);
	memcpy(tables, head, sizeof(*head));
	return put(writer, tables, head->data_at, 0, error);
}

static bool write_all(struct writer *writer, const char *about, GError **error)
{
	for (uint64_t i = 0; i < writer->head.pages; i++)
		if (!add_page(writer, i, error))
			return false;
	return flush(writer, error) && put_tables(writer, about, error);
}

static uint64_t count_distinct(const uint8_t *memory, uint64_t bytes)
{
	g_autoptr(GHashTable) seen =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

	for (uint64_t at = 0; at < bytes; at += LU_IMAGE_PAGE) {
		uint64_t hash = XXH3_64bits(memory + at, LU_IMAGE_PAGE);

		if (memcmp(memory + at, zero, LU_IMAGE_PAGE) != 0)
			g_hash_table_add(seen, g_memdup2(&hash, sizeof(hash)));
	}
	return g_hash_table_size(seen);
}

uint64_t lu_image_distinct(int memory)
{
	off_t bytes = lseek(memory, 0, SEEK_END);
	void *at = bytes > 0 ? mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, memory, 0)
			     : MAP_FAILED;
	uint64_t count;

	if (at == MAP_FAILED)
		return 0;
	count = count_distinct(at, (uint64_t)bytes);
	munmap(at, (size_t)bytes);
	return count;
}

bool lu_image_write(int fd, const struct lu_image_parts *parts, GError **error)
{
	char *about = json_dumps(parts->about, JSON_SORT_KEYS);
	struct writer writer = {
		.fd = fd,
		.parts = parts,
		.slots = g_hash_table_new(g_int64_hash, g_int64_equal),
		.zstd = parts->form.zstd ? ZSTD_createCCtx() : NULL,
		.plain = g_malloc((size_t)LU_IMAGE_PIECE * LU_IMAGE_PAGE),
		.packed_max = ZSTD_compressBound((size_t)LU_IMAGE_PIECE * LU_IMAGE_PAGE),
	};
	bool ok;

	writer.packed = g_malloc(writer.packed_max);
	lay_out(&writer, strlen(about));
	ok = write_all(&writer, about, error);
	g_hash_table_unref(writer.slots);
	ZSTD_freeCCtx(writer.zstd);
	g_free(writer.pages);
	g_free(writer.pieces);
	g_free(writer.plain);
	g_free(writer.packed);
	free(about);
	return ok;
}
