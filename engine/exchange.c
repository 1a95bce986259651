/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A closed list of requests over one connection: at most `window` requests are
 * unanswered at any time. */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "engine/exchange.h"
#include "engine/socket.h"

/* How long the guest's own events may wait during an exchange. */
#define SLICE_NS     (20 * LU_NS_PER_MS)
#define MAX_UNPARSED (16u << 20)

struct talk {
	const struct lu_io *io;
	const struct lu_exchange *exchange;
	int fd;
	uint64_t asked, answered;
	GByteArray *in, *out;
};

static bool broke(const struct talk *talk, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "exchange: %s after %" PRIu64 " of %" PRIu64 " replies", what, talk->answered,
		    talk->exchange->count);
	return false;
}

static void ask(struct talk *talk)
{
	const struct lu_exchange *exchange = talk->exchange;

	while (talk->asked < exchange->count && talk->asked - talk->answered < exchange->window)
		exchange->request(exchange->data, talk->asked++, talk->out);
}

static bool push(struct talk *talk, GError **error)
{
	size_t sent = 0;

	while (sent < talk->out->len) {
		ssize_t n =
			send(talk->fd, talk->out->data + sent, talk->out->len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return broke(talk, g_strerror(errno), error);
		sent += (size_t)n;
	}
	g_byte_array_remove_range(talk->out, 0, (guint)sent);
	return true;
}

static bool parse(struct talk *talk, GError **error)
{
	const struct lu_exchange *exchange = talk->exchange;
	size_t used = 0;

	while (used < talk->in->len && talk->answered < talk->asked) {
		ssize_t n = exchange->reply(exchange->data, talk->answered, talk->in->data + used,
					    talk->in->len - used);

		if (n < 0 || (size_t)n > talk->in->len - used)
			return broke(talk, "the service broke the protocol", error);
		if (n == 0)
			break;
		used += (size_t)n;
		talk->answered++;
	}
	g_byte_array_remove_range(talk->in, 0, (guint)used);
	if (talk->in->len > MAX_UNPARSED)
		return broke(talk, "a reply that does not end", error);
	return true;
}

static bool pull(struct talk *talk, GError **error)
{
	uint8_t buf[65536];
	ssize_t n = recv(talk->fd, buf, sizeof(buf), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return broke(talk, n == 0 ? "connection closed" : g_strerror(errno), error);
	g_byte_array_append(talk->in, buf, (guint)n);
	return parse(talk, error);
}

static bool step(struct talk *talk, GError **error)
{
	struct pollfd fd = {talk->fd, POLLIN, 0};
	const struct lu_io *io = talk->io;

	ask(talk);
	if (!push(talk, error))
		return false;
	if (talk->out->len > 0)
		fd.events |= POLLOUT;
	if (io->poll(io, &fd, 1, io->now(io) + SLICE_NS) <= 0 ||
	    !(fd.revents & (POLLIN | POLLHUP | POLLERR)))
		return true;
	return pull(talk, error);
}

static bool talk_all(struct talk *talk, struct lu_guest *guest, int64_t deadline, GError **error)
{
	const struct lu_io *io = talk->io;
	int64_t handled = io->now(io);

	while (talk->answered < talk->exchange->count) {
		int64_t now = io->now(io);

		if (now >= deadline) {
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "exchange: %" PRIu64 " of %" PRIu64 " replies in %" PRId64
				    " ms",
				    talk->answered, talk->exchange->count,
				    talk->exchange->timeout_ns / LU_NS_PER_MS);
			return false;
		}
		if (now - handled >= SLICE_NS) {
			if (!guest->ops->wait(guest, 0, error))
				return false;
			handled = now;
		}
		if (!step(talk, error))
			return false;
	}
	return true;
}

bool lu_exchange_run(const struct lu_io *io, struct lu_guest *guest, unsigned service,
		     const struct lu_exchange *exchange, GError **error)
{
	int64_t deadline = io->now(io) + exchange->timeout_ns;
	struct talk talk = {.io = io, .exchange = exchange};
	bool ok;

	if (guest->ops->exchange)
		return guest->ops->exchange(guest, service, exchange, error);
	talk.fd = lu_socket_connect_wait(io, guest->ops->endpoint(guest, service), deadline, error);
	if (talk.fd < 0)
		return false;
	talk.in = g_byte_array_new();
	talk.out = g_byte_array_new();
	ok = talk_all(&talk, guest, deadline, error);
	g_byte_array_unref(talk.in);
	g_byte_array_unref(talk.out);
	close(talk.fd);
	return ok;
}
