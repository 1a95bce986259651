/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/lazy.h"
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/memory-image/order.h"
#include "qemu/memory-image/slots.h"
#include "qemu/memory-image/postcopy-wire.h"

/* The thread may catch up by this much when it was late, or a busy host would make the flash slower
 * than modelled. */
#define CREDIT_NS (10 * LU_NS_PER_MS)

struct lu_image_lazy {
	const struct lu_io *io;
	const struct lu_image *image;
	struct lu_saved saved;
	const struct lu_ram_block *block; /* in saved: the machine's memory */
	struct lu_image_slots slots;
	struct lu_image_load load;
	GMainContext *context;
	GThread *thread;
	int fd, nudge; /* nudge: eventfd, said go or stop */
	atomic_bool go, cancel, ready, ended;
	GError *error; /* set before `ended` */
	/* the thread's own */
	GByteArray *in, *out;
	struct lu_image_order order; /* in which chunks are read */
	uint8_t *sent;		     /* a byte for each page */
	atomic_bool ponged, shut;
	int64_t free_ns; /* when the flash can take another request */
	int64_t went_ns, flash_ns;
	struct lu_image_lazy_figures figures;
};

static int64_t now_ns(const struct lu_image_lazy *lazy)
{
	return lazy->io->now(lazy->io);
}

static bool fail(struct lu_image_lazy *lazy, const char *what)
{
	if (!lazy->error)
		g_set_error(&lazy->error, LU_ERROR, LU_ERROR_FAILED, "image: %s", what);
	return false;
}

static void tell(struct lu_image_lazy *lazy, atomic_bool *what)
{
	atomic_store(what, true);
	g_main_context_wakeup(lazy->context);
}

static bool flush(struct lu_image_lazy *lazy)
{
	const uint8_t *at = lazy->out->data;
	size_t left = lazy->out->len;

	while (left) {
		ssize_t n = send(lazy->fd, at, left, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(lazy, "QEMU does not accept any more of it");
		at += n;
		left -= (size_t)n;
	}
	g_byte_array_set_size(lazy->out, 0);
	return true;
}

static void add_page(struct lu_image_lazy *lazy, struct lu_postcopy_pages *pages, uint64_t page,
		     const uint8_t *bytes)
{
	lazy->sent[page] = 1;
	lu_postcopy_page(pages, page * LU_IMAGE_PAGE, bytes);
}

static bool send_zero(struct lu_image_lazy *lazy, uint64_t page)
{
	struct lu_postcopy_pages pages =
		lu_postcopy_pages_begin(lazy->out, &lazy->saved, lazy->block);

	add_page(lazy, &pages, page, NULL);
	lu_postcopy_pages_end(&pages);
	lazy->figures.zeros++;
	return flush(lazy);
}

/* A page that was sent in the meantime is already in flight. */
static bool serve(struct lu_image_lazy *lazy, uint64_t page)
{
	uint32_t slot = lazy->image->pages[page].slot;

	if (lazy->sent[page])
		return true;
	if (slot == LU_IMAGE_ZERO)
		return send_zero(lazy, page);
	lu_image_order_want(&lazy->order, slot / lazy->slots.per_chunk, now_ns(lazy));
	return true;
}

static bool request(struct lu_image_lazy *lazy, const struct lu_postcopy_answer *answer)
{
	const struct lu_span *name = &lazy->block->name;
	uint64_t page = answer->offset / LU_IMAGE_PAGE, end = answer->offset + answer->bytes;

	if (answer->block &&
	    (strlen(answer->block) != name->len || memcmp(answer->block, name->at, name->len) != 0))
		return fail(lazy, "QEMU requests a page that it has already been sent");
	if (answer->offset > lazy->image->head->memory_bytes ||
	    end > lazy->image->head->memory_bytes)
		return fail(lazy, "QEMU requests memory that does not exist");
	for (; page * LU_IMAGE_PAGE < end; page++)
		if (!serve(lazy, page))
			return false;
	return true;
}

static bool handle(struct lu_image_lazy *lazy, const struct lu_postcopy_answer *answer)
{
	if (answer->kind == LU_POSTCOPY_REQUEST)
		return request(lazy, answer);
	if (answer->kind == LU_POSTCOPY_PONG)
		lazy->ponged = true;
	if (answer->kind == LU_POSTCOPY_SHUT)
		lazy->shut = true;
	return answer->kind != LU_POSTCOPY_SHUT || !answer->status ||
	       fail(lazy, "QEMU reports that it failed");
}

static bool hear(struct lu_image_lazy *lazy)
{
	uint8_t bytes[4096];
	ssize_t n = recv(lazy->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return fail(lazy, "QEMU has hung up");
	g_byte_array_append(lazy->in, bytes, (guint)n);
	for (;;) {
		struct lu_postcopy_answer answer = lu_postcopy_answer(lazy->in);
		bool ok = handle(lazy, &answer);

		g_free(answer.block);
		if (!ok || answer.kind == LU_POSTCOPY_MORE)
			return ok;
	}
}

/* Until QEMU has sent something, the thread is signalled, or that time. */
static bool attend(struct lu_image_lazy *lazy, int64_t until_ns)
{
	struct pollfd fds[] = {{lazy->fd, POLLIN, 0}, {lazy->nudge, POLLIN, 0}};
	uint64_t count;

	if (lazy->io->poll(lazy->io, fds, G_N_ELEMENTS(fds), until_ns) < 0)
		return fail(lazy, g_strerror(errno));
	if (fds[1].revents && read(lazy->nudge, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return fail(lazy, g_strerror(errno));
	if (atomic_load(&lazy->cancel)) {
		g_set_error(&lazy->error, LU_ERROR, LU_ERROR_INTERRUPTED, "interrupted");
		return false;
	}
	return !fds[0].revents || hear(lazy);
}

/* A busy flash begins the next request when the previous one is done. */
static bool read_flash(struct lu_image_lazy *lazy, uint64_t bytes)
{
	int64_t took_ns = lu_flash_read_ns(&lazy->load.flash, bytes, lazy->load.readahead);
	int64_t least_ns = now_ns(lazy) - CREDIT_NS;

	lazy->free_ns = MAX(lazy->free_ns, least_ns) + took_ns;
	lazy->flash_ns += took_ns;
	while (now_ns(lazy) < lazy->free_ns)
		if (!attend(lazy, lazy->free_ns))
			return false;
	return attend(lazy, 0);
}

static bool wait_for(struct lu_image_lazy *lazy, const atomic_bool *what)
{
	while (!atomic_load(what))
		if (!attend(lazy, INT64_MAX))
			return false;
	return true;
}

static bool add_slot(struct lu_image_lazy *lazy, struct lu_postcopy_pages *pages, uint64_t slot,
		     const uint8_t *bytes)
{
	uint32_t page = lazy->slots.first[slot];

	if (page != LU_IMAGE_NO_PAGE && !lu_image_page_good(&lazy->image->pages[page], bytes))
		return fail(lazy,
			    "a page of it is damaged; remove the file and it will be built again");
	for (; page != LU_IMAGE_NO_PAGE; page = lazy->slots.next[page])
		add_page(lazy, pages, page, bytes);
	return true;
}

static bool send_chunk(struct lu_image_lazy *lazy, uint64_t chunk)
{
	const uint8_t *bytes = lu_image_chunk(&lazy->slots, chunk, &lazy->error);
	struct lu_postcopy_pages pages;
	uint64_t slot, end;

	if (!bytes)
		return false;
	lu_image_chunk_range(&lazy->slots, chunk, &slot, &end);
	pages = lu_postcopy_pages_begin(lazy->out, &lazy->saved, lazy->block);
	for (; slot < end; slot++, bytes += LU_IMAGE_PAGE)
		if (!add_slot(lazy, &pages, slot, bytes))
			return false;
	lu_postcopy_pages_end(&pages);
	return flush(lazy);
}

static bool fetch(struct lu_image_lazy *lazy, uint64_t chunk, bool asked)
{
	uint64_t bytes = lu_image_chunk_bytes(&lazy->slots, chunk);

	lazy->figures.bytes_all += bytes;
	if (asked)
		lazy->figures.bytes_asked += bytes;
	return read_flash(lazy, bytes) && send_chunk(lazy, chunk);
}

static bool fetch_next(struct lu_image_lazy *lazy)
{
	bool asked;
	uint64_t chunk = lu_image_order_next(&lazy->order, &asked);

	if (!lazy->order.read[chunk] && !fetch(lazy, chunk, asked))
		return false;
	lu_image_order_done(&lazy->order, chunk, now_ns(lazy));
	return true;
}

/* Zero pages are sent on request only; lu_postcopy_end() covers the others. */
static bool run_machine(struct lu_image_lazy *lazy)
{
	lazy->went_ns = now_ns(lazy);
	lazy->flash_ns = 0;
	lu_postcopy_run(lazy->out, &lazy->saved);
	if (!flush(lazy))
		return false;
	while (!lu_image_order_all(&lazy->order))
		if (!fetch_next(lazy))
			return false;
	lazy->figures.took_ns = now_ns(lazy) - lazy->went_ns;
	lazy->figures.behind_ns = MAX(lazy->figures.took_ns - lazy->flash_ns, 0);
	lu_postcopy_end(lazy->out, &lazy->saved);
	return flush(lazy) && wait_for(lazy, &lazy->shut);
}

static bool run_all(struct lu_image_lazy *lazy)
{
	lu_postcopy_begin(lazy->out, &lazy->saved, lazy->block);
	if (!read_flash(lazy, lazy->image->head->data_at) || !flush(lazy) ||
	    !wait_for(lazy, &lazy->ponged))
		return false;
	tell(lazy, &lazy->ready);
	return wait_for(lazy, &lazy->go) && run_machine(lazy);
}

static void *run(void *data)
{
	struct lu_image_lazy *lazy = data;

	if (!run_all(lazy))
		shutdown(lazy->fd, SHUT_RDWR);
	tell(lazy, &lazy->ended);
	return NULL;
}

static bool parse(struct lu_image_lazy *lazy, GError **error)
{
	const struct lu_image_head *head = lazy->image->head;

	if (!lu_saved_parse(&lazy->saved, lazy->image->bytes + head->devices_at,
			    head->devices_bytes, error))
		return false;
	lazy->block = lu_saved_memory(&lazy->saved, head->memory_bytes);
	if (!lazy->block)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the saved machine's memory is not one block");
	return lazy->block != NULL;
}

bool lu_image_lazy_possible(const struct lu_image *image, GError **error)
{
	struct lu_image_lazy probe = {.image = image};
	bool ok = parse(&probe, error);

	if (probe.saved.blocks)
		lu_saved_clear(&probe.saved);
	return ok;
}

struct lu_image_lazy *lu_image_lazy_new(const struct lu_io *io, const struct lu_image *image,
					int fd, const struct lu_image_load *load,
					GMainContext *context, GError **error)
{
	struct lu_image_lazy *lazy = g_new0(struct lu_image_lazy, 1);

	lazy->io = io;
	lazy->image = image;
	lazy->load = *load;
	lazy->fd = fd;
	lazy->nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	lazy->context = g_main_context_ref(context);
	lazy->in = g_byte_array_new();
	lazy->out = g_byte_array_new();
	if (!parse(lazy, error)) {
		lu_image_lazy_free(lazy);
		return NULL;
	}
	lu_image_slots_init(&lazy->slots, image, load->readahead);
	lazy->sent = g_malloc0(image->head->pages);
	lu_image_order_init(&lazy->order, lazy->slots.chunks);
	lazy->free_ns = now_ns(lazy);
	lazy->thread = io->thread(io, "lazy image", run, lazy);
	return lazy;
}

bool lu_image_lazy_ready(void *data)
{
	struct lu_image_lazy *lazy = data;

	return atomic_load(&lazy->ready) || lu_image_lazy_ended(lazy);
}

bool lu_image_lazy_ended(void *data)
{
	struct lu_image_lazy *lazy = data;

	return atomic_load(&lazy->ended);
}

static void order(struct lu_image_lazy *lazy, atomic_bool *what)
{
	const uint64_t one = 1;

	atomic_store(what, true);
	/* An eventfd accepts a 1 at any time. */
	if (write(lazy->nudge, &one, sizeof(one)) < 0)
		g_assert_not_reached();
}

void lu_image_lazy_go(struct lu_image_lazy *lazy)
{
	order(lazy, &lazy->go);
}

bool lu_image_lazy_result(struct lu_image_lazy *lazy, GError **error)
{
	if (!lu_image_lazy_ended(lazy) || !lazy->error)
		return true;
	if (error)
		*error = g_error_copy(lazy->error);
	return false;
}

struct lu_image_lazy_figures lu_image_lazy_figures(const struct lu_image_lazy *lazy)
{
	struct lu_image_lazy_figures figures = lazy->figures;

	figures.waits = lazy->order.waits;
	figures.wait_ns = lazy->order.wait_ns;
	figures.longest_ns = lazy->order.longest_ns;
	return figures;
}

/* Shutting its socket ends whatever wait the thread is in. */
static void end_thread(struct lu_image_lazy *lazy)
{
	order(lazy, &lazy->cancel);
	shutdown(lazy->fd, SHUT_RDWR);
	g_thread_join(lazy->thread);
	lu_image_order_clear(&lazy->order);
	lu_image_slots_clear(&lazy->slots);
}

void lu_image_lazy_free(struct lu_image_lazy *lazy)
{
	if (!lazy)
		return;
	if (lazy->thread)
		end_thread(lazy);
	if (lazy->saved.blocks)
		lu_saved_clear(&lazy->saved);
	close(lazy->fd);
	close(lazy->nudge);
	g_byte_array_unref(lazy->in);
	g_byte_array_unref(lazy->out);
	g_free(lazy->sent);
	g_clear_error(&lazy->error);
	g_main_context_unref(lazy->context);
	g_free(lazy);
}
