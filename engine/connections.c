/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/connections.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/socket.h"

/* A lost connection is retried this often: that adds at most a tenth to a
 * blackout of half a second. */
#define RETRY_NS (50 * LU_NS_PER_MS)
/* A new connection without a reply within this time leads nowhere (user networking accepts on
 * behalf of the guest and then backs off for seconds): a new one reaches the service sooner. */
#define PATIENCE_NS (500 * LU_NS_PER_MS)
#define CONNECT_NS  (10 * LU_NS_PER_S)
/* No workload's replies come near this size; a peer that sends more without one
 * complete reply is broken. */
#define MAX_UNPARSED (16u << 20)

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_TRYING, CONN_UP };

struct conn {
	enum conn_state state;
	int fd;
	int64_t deadline_ns; /* DOWN: try again; CONNECTING, TRYING: give up; INT64_MAX: none */
	GByteArray *in, *out;
};

struct lu_connections {
	const struct lu_io *io;
	struct lu_load *load;
	const struct lu_client_peer *peer;
	unsigned count;
	struct conn *conns;
};

static int64_t now_ns(const struct lu_connections *all)
{
	return all->io->now(all->io);
}

static void conn_close(struct lu_connections *all, struct conn *conn, int64_t retry_ns)
{
	uint16_t port = conn->fd >= 0 && all->peer->closed ? lu_socket_port(conn->fd) : 0;

	if (conn->fd >= 0)
		close(conn->fd);
	if (port)
		all->peer->closed(all->peer->data, port);
	conn->fd = -1;
	conn->state = CONN_DOWN;
	conn->deadline_ns = retry_ns;
	g_byte_array_set_size(conn->in, 0);
	g_byte_array_set_size(conn->out, 0);
}

/* The connection is gone: what was sent on it is lost, or is queued again if it never
 * reached the service. */
static void conn_lost(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];
	int64_t now = now_ns(all);

	if (conn->state == CONN_UP)
		lu_load_conn_down(all->load, i, now, "reset");
	else if (conn->state == CONN_TRYING)
		lu_load_conn_retry(all->load, i);
	conn_close(all, conn, now + RETRY_NS);
}

static void conn_write(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];

	if (!lu_socket_send(conn->fd, conn->out))
		conn_lost(all, i);
}

/* On a connection that has not brought a reply yet, one waiting request is sent first; its
 * timeout starts then. */
static void conn_probe(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];
	int64_t now = now_ns(all);

	if (conn->state != CONN_TRYING || conn->deadline_ns != INT64_MAX)
		return;
	if (lu_load_flush(all->load, i, now, 1, conn->out) == 0)
		return;
	conn->deadline_ns = now + PATIENCE_NS;
	conn_write(all, i);
}

static void conn_connected(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];

	conn->state = CONN_TRYING;
	conn->deadline_ns = INT64_MAX;
	lu_load_conn_try(all->load, i);
	conn_probe(all, i);
}

static void conn_connect(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];
	bool connected;

	conn->fd = all->io->connect(all->io, all->peer->port, &connected);
	if (conn->fd < 0) {
		conn_close(all, conn, now_ns(all) + RETRY_NS);
		return;
	}
	conn->state = CONN_CONNECTING;
	conn->deadline_ns = now_ns(all) + CONNECT_NS;
	if (connected)
		conn_connected(all, i);
}

static void conn_proven(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];

	conn->state = CONN_UP;
	conn->deadline_ns = INT64_MAX;
	lu_load_flush(all->load, i, now_ns(all), G_MAXUINT, conn->out);
	conn_write(all, i);
}

/* false: the connection is closed. */
static bool conn_parse(struct lu_connections *all, unsigned i, int64_t t_ns)
{
	struct conn *conn = &all->conns[i];
	ssize_t used = lu_load_received(all->load, i, conn->in->data, conn->in->len, t_ns);

	if (used < 0 || conn->in->len - (size_t)used > MAX_UNPARSED) {
		/* This reply, although wrong, may have shown the load that the connection is up. */
		lu_load_conn_down(all->load, i, t_ns, "reset");
		conn_close(all, conn, now_ns(all) + RETRY_NS);
		return false;
	}
	g_byte_array_remove_range(conn->in, 0, (guint)used);
	if (used > 0 && conn->state == CONN_TRYING)
		conn_proven(all, i);
	return conn->fd >= 0;
}

static void conn_read(struct lu_connections *all, unsigned i)
{
	struct conn *conn = &all->conns[i];
	uint8_t buf[65536];

	for (;;) {
		ssize_t n = recv(conn->fd, buf, sizeof(buf), 0);
		int64_t now = now_ns(all);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_lost(all, i);
			return;
		}
		g_byte_array_append(conn->in, buf, (guint)n);
		if (!conn_parse(all, i, now) || (size_t)n < sizeof(buf))
			return;
	}
}

static void conn_event(struct lu_connections *all, unsigned i, short revents)
{
	struct conn *conn = &all->conns[i];

	if (conn->fd < 0 || !revents)
		return;
	if (conn->state == CONN_CONNECTING) {
		if (lu_socket_error(conn->fd))
			conn_lost(all, i);
		else
			conn_connected(all, i);
		return;
	}
	if (revents & (POLLIN | POLLHUP | POLLERR))
		conn_read(all, i);
	if (conn->fd >= 0 && (revents & POLLOUT))
		conn_write(all, i);
}

static void conn_timer(struct lu_connections *all, unsigned i, int64_t now)
{
	struct conn *conn = &all->conns[i];

	if (now < conn->deadline_ns)
		return;
	if (conn->state == CONN_DOWN)
		conn_connect(all, i);
	else
		conn_lost(all, i);
}

void lu_connections_run(struct lu_connections *all, int64_t t_ns)
{
	for (unsigned i = 0; i < all->count; i++)
		conn_timer(all, i, t_ns);
}

int64_t lu_connections_next(const struct lu_connections *all)
{
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < all->count; i++)
		next = MIN(next, all->conns[i].deadline_ns);
	return next;
}

void lu_connections_fill(const struct lu_connections *all, GArray *fds)
{
	for (unsigned i = 0; i < all->count; i++) {
		const struct conn *conn = &all->conns[i];
		bool wants_out = conn->state == CONN_CONNECTING || conn->out->len > 0;
		struct pollfd fd = {conn->fd, (short)(POLLIN | (wants_out ? POLLOUT : 0)), 0};

		g_array_append_val(fds, fd);
	}
}

void lu_connections_handle(struct lu_connections *all, const struct pollfd *fds)
{
	for (unsigned i = 0; i < all->count; i++)
		conn_event(all, i, fds[i].revents);
}

/* Only what is due now, so that a rate beyond what this thread can send does not
 * keep it from reading. */
void lu_connections_send(struct lu_connections *all)
{
	struct lu_load *load = all->load;
	int64_t now = now_ns(all);

	while (!lu_load_stopped(load) && lu_load_intended(load, lu_load_next(load)) <= now) {
		unsigned i = lu_load_next(load) % all->count;

		lu_load_take(load, now_ns(all), all->conns[i].out);
		conn_probe(all, i);
		if (all->conns[i].state == CONN_UP)
			conn_write(all, i);
	}
}

bool lu_connections_open(struct lu_connections *all, GError **error)
{
	int64_t deadline = now_ns(all) + CONNECT_NS;

	for (unsigned i = 0; i < all->count; i++) {
		struct conn *conn = &all->conns[i];

		conn->fd = lu_socket_connect_wait(all->io, all->peer->port, deadline, error);
		if (conn->fd < 0) {
			g_prefix_error(error, "client: connection %u of %u: ", i + 1, all->count);
			return false;
		}
		conn->state = CONN_UP;
		lu_load_conn_up(all->load, i, now_ns(all));
	}
	return true;
}

struct lu_connections *lu_connections_new(const struct lu_io *io, struct lu_load *load,
					  const struct lu_client_peer *peer)
{
	struct lu_connections *all = g_new0(struct lu_connections, 1);

	all->io = io;
	all->load = load;
	all->peer = peer;
	all->count = lu_load_connections(load);
	all->conns = g_new0(struct conn, all->count);
	for (unsigned i = 0; i < all->count; i++)
		all->conns[i] = (struct conn){CONN_DOWN, -1, INT64_MAX, g_byte_array_new(),
					      g_byte_array_new()};
	return all;
}

void lu_connections_free(struct lu_connections *all)
{
	for (unsigned i = 0; i < all->count; i++) {
		conn_close(all, &all->conns[i], 0);
		g_byte_array_unref(all->conns[i].in);
		g_byte_array_unref(all->conns[i].out);
	}
	g_free(all->conns);
	g_free(all);
}
