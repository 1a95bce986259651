/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/stream.h"
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include "record/error.h"

struct lu_image_stream {
	const struct lu_io *io;
	const struct lu_image *image;
	struct lu_image_load load;
	GMainContext *context;
	GThread *thread;
	int cancel; /* eventfd: readable once it is cancelled */
	atomic_bool ended;
	int64_t begin_ns, took_ns, behind_ns;
	GError *error;
	uint8_t *bytes;	 /* memory, mapped */
	uint64_t page;	 /* the next to be placed */
	uint64_t *first; /* of each slot: the page that has it */
};

/* Waits until the flash has delivered that many bytes; false: cancelled. */
static bool delivered(struct lu_image_stream *stream, uint64_t bytes)
{
	int64_t due_ns = stream->begin_ns +
			 lu_flash_read_ns(&stream->load.flash, bytes, stream->load.readahead);
	struct pollfd cancel = {stream->cancel, POLLIN, 0};

	return stream->io->poll(stream->io, &cancel, 1, due_ns) == 0;
}

static uint8_t *at(const struct lu_image_stream *stream, uint64_t page)
{
	return stream->bytes + page * LU_IMAGE_PAGE;
}

static bool place(struct lu_image_stream *stream, const struct lu_image_page *page,
		  const uint8_t *bytes)
{
	if (!lu_image_page_good(page, bytes)) {
		g_set_error(&stream->error, LU_ERROR, LU_ERROR_FAILED,
			    "%s: page %" G_GUINT64_FORMAT
			    " is damaged; remove the file and it will be built again",
			    stream->image->path, stream->page);
		return false;
	}
	stream->first[page->slot] = stream->page;
	memcpy(at(stream, stream->page), bytes, LU_IMAGE_PAGE);
	return true;
}

/* Places all pages up to the first that needs a slot from
 * `end` on; slots from `begin` on are in `plain`. */
static bool place_up_to(struct lu_image_stream *stream, uint64_t begin, uint64_t end,
			const uint8_t *plain)
{
	const struct lu_image *image = stream->image;

	for (; stream->page < image->head->pages; stream->page++) {
		const struct lu_image_page *page = &image->pages[stream->page];

		if (page->slot == LU_IMAGE_ZERO)
			continue;
		if (page->slot >= end)
			return true;
		if (page->slot < begin || stream->first[page->slot] != UINT64_MAX)
			memcpy(at(stream, stream->page), at(stream, stream->first[page->slot]),
			       LU_IMAGE_PAGE);
		else if (!place(stream, page, plain + (page->slot - begin) * LU_IMAGE_PAGE))
			return false;
	}
	return true;
}

static bool stream_pieces(struct lu_image_stream *stream, ZSTD_DCtx *zstd)
{
	const struct lu_image *image = stream->image;
	g_autofree uint8_t *plain = g_malloc((size_t)LU_IMAGE_PIECE * LU_IMAGE_PAGE);
	uint64_t slot = 0;

	for (uint64_t i = 0; i < image->head->pieces; i++) {
		const struct lu_image_piece *piece = &image->pieces[i];

		if (!delivered(stream, piece->at + piece->bytes))
			return false;
		if (!lu_image_unpack(image, i, zstd, plain, &stream->error) ||
		    !place_up_to(stream, slot, slot + piece->pages, plain))
			return false;
		slot += piece->pages;
	}
	return place_up_to(stream, slot, slot, plain);
}

static bool stream_all(struct lu_image_stream *stream)
{
	const struct lu_image_head *head = stream->image->head;
	ZSTD_DCtx *zstd = head->zstd ? ZSTD_createDCtx() : NULL;
	bool ok = delivered(stream, head->data_at) && stream_pieces(stream, zstd);

	ZSTD_freeDCtx(zstd);
	return ok;
}

static void *run(void *data)
{
	struct lu_image_stream *stream = data;
	const struct lu_image_head *head = stream->image->head;

	stream->begin_ns = stream->io->now(stream->io);
	if (!stream_all(stream) && !stream->error)
		g_set_error(&stream->error, LU_ERROR, LU_ERROR_INTERRUPTED, "interrupted");
	stream->took_ns = stream->io->now(stream->io) - stream->begin_ns;
	stream->behind_ns =
		stream->took_ns -
		lu_flash_read_ns(&stream->load.flash, head->file_bytes, stream->load.readahead);
	atomic_store(&stream->ended, true);
	g_main_context_wakeup(stream->context);
	return NULL;
}

void lu_image_warm(const struct lu_image *image)
{
	madvise((void *)image->bytes, image->head->file_bytes, MADV_POPULATE_READ);
}

/* Allocates each run of pages that will be filled; the others stay holes. */
static void allocate(const struct lu_image_stream *stream)
{
	const struct lu_image *image = stream->image;
	uint64_t pages = image->head->pages;

	for (uint64_t begin = 0, end; begin < pages; begin = end + 1) {
		for (end = begin; end < pages && image->pages[end].slot != LU_IMAGE_ZERO; end++)
			;
		if (end > begin)
			madvise(at(stream, begin), (end - begin) * LU_IMAGE_PAGE,
				MADV_POPULATE_WRITE);
	}
}

struct lu_image_stream *lu_image_stream_new(const struct lu_io *io, const struct lu_image *image,
					    int memory, GMainContext *context, GError **error)
{
	void *bytes = mmap(NULL, image->head->memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			   memory, 0);
	struct lu_image_stream *stream;

	if (bytes == MAP_FAILED) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "memory of the machine: %s",
			    g_strerror(errno));
		return NULL;
	}
	stream = g_new0(struct lu_image_stream, 1);
	stream->io = io;
	stream->image = image;
	stream->bytes = bytes;
	stream->context = g_main_context_ref(context);
	stream->first = g_new(uint64_t, image->head->stored + 1);
	memset(stream->first, 0xff, (image->head->stored + 1) * sizeof(*stream->first));
	stream->cancel = eventfd(0, EFD_CLOEXEC);
	lu_image_warm(image);
	allocate(stream);
	return stream;
}

void lu_image_stream_start(struct lu_image_stream *stream, const struct lu_image_load *load)
{
	stream->load = *load;
	stream->thread = stream->io->thread(stream->io, "image", run, stream);
}

bool lu_image_stream_started(const struct lu_image_stream *stream)
{
	return stream->thread != NULL;
}

bool lu_image_stream_ended(void *data)
{
	struct lu_image_stream *stream = data;

	return atomic_load(&stream->ended);
}

bool lu_image_stream_result(struct lu_image_stream *stream, GError **error)
{
	if (!stream->error)
		return true;
	if (error)
		*error = g_error_copy(stream->error);
	return false;
}

int64_t lu_image_stream_took_ns(const struct lu_image_stream *stream)
{
	return stream->took_ns;
}

int64_t lu_image_stream_behind_ns(const struct lu_image_stream *stream)
{
	return MAX(stream->behind_ns, 0);
}

void lu_image_stream_free(struct lu_image_stream *stream)
{
	const uint64_t one = 1;

	if (!stream)
		return;
	/* An eventfd accepts a 1 at any time. */
	if (write(stream->cancel, &one, sizeof(one)) < 0)
		g_assert_not_reached();
	if (stream->thread)
		g_thread_join(stream->thread);
	munmap(stream->bytes, stream->image->head->memory_bytes);
	close(stream->cancel);
	g_clear_error(&stream->error);
	g_main_context_unref(stream->context);
	g_free(stream->first);
	g_free(stream);
}
