/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of one request each, on real sockets. */
#include "engine/churn-client.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/socket.h"

/* A peer that sends more without one complete reply is broken. */
#define MAX_REPLY (16u << 20)

enum state { CLOSED, CONNECTING, OPEN };

struct conn {
	enum state state;
	int fd;
	uint16_t port; /* its own end's; 0: nobody is to be asked about it */
	GByteArray *in, *out;
};

struct lu_churn_client {
	const struct lu_io *io;
	struct lu_churn *churn;
	const struct lu_client_peer *peer;
	GPtrArray *conns; /* of struct conn, by slot */
};

struct lu_churn_client *lu_churn_client_new(const struct lu_io *io, struct lu_churn *churn,
					    const struct lu_client_peer *peer)
{
	struct lu_churn_client *client = g_new0(struct lu_churn_client, 1);

	client->io = io;
	client->churn = churn;
	client->peer = peer;
	client->conns = g_ptr_array_new();
	return client;
}

static int64_t now_ns(const struct lu_churn_client *client)
{
	return client->io->now(client->io);
}

static struct conn *conn_of(const struct lu_churn_client *client, unsigned slot)
{
	return client->conns->pdata[slot];
}

static void close_conn(struct lu_churn_client *client, struct conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	if (conn->port)
		client->peer->closed(client->peer->data, conn->port);
	*conn = (struct conn){CLOSED, -1, 0, conn->in, conn->out};
	g_byte_array_set_size(conn->in, 0);
	g_byte_array_set_size(conn->out, 0);
}

/* What the network between says that became of the attempt, if there is one that answers before
 * the service's kernel does. */
static struct lu_handshake look(const struct lu_churn_client *client, unsigned slot)
{
	const struct conn *conn = conn_of(client, slot);
	struct lu_handshake seen = {.accepted_ns = -1};

	if (!conn->port)
		return seen;
	client->peer->handshake(client->peer->data, conn->port, &seen);
	if (seen.accepted_ns >= 0)
		lu_churn_connected(client->churn, slot, seen.accepted_ns);
	return seen;
}

static void fail(struct lu_churn_client *client, unsigned slot, enum lu_churn_end end)
{
	if (look(client, slot).refused)
		end = LU_CHURN_REFUSED;
	lu_churn_failed(client->churn, slot, end, now_ns(client));
	close_conn(client, conn_of(client, slot));
}

static void write_out(struct lu_churn_client *client, unsigned slot)
{
	struct conn *conn = conn_of(client, slot);

	if (!lu_socket_send(conn->fd, conn->out))
		fail(client, slot, LU_CHURN_RESET);
}

static void connected(struct lu_churn_client *client, unsigned slot)
{
	struct conn *conn = conn_of(client, slot);

	conn->state = OPEN;
	if (!conn->port)
		lu_churn_connected(client->churn, slot, now_ns(client));
	lu_churn_request(client->churn, slot, conn->out);
	write_out(client, slot);
}

static struct conn *make_conn(struct lu_churn_client *client, unsigned slot)
{
	struct conn *conn;

	if (slot < client->conns->len)
		return conn_of(client, slot);
	conn = g_new0(struct conn, 1);
	conn->fd = -1;
	conn->in = g_byte_array_new();
	conn->out = g_byte_array_new();
	g_ptr_array_add(client->conns, conn);
	return conn;
}

/* That this host has no socket left is no answer of the service's. */
static enum lu_churn_end end_of(int why)
{
	return why == ECONNREFUSED || why == ECONNRESET ? LU_CHURN_REFUSED : LU_CHURN_HOST;
}

static void open_next(struct lu_churn_client *client)
{
	unsigned slot = lu_churn_open(client->churn);
	struct conn *conn = make_conn(client, slot);
	bool up = false;

	conn->fd = client->io->connect(client->io, client->peer->port, &up);
	if (conn->fd < 0) {
		fail(client, slot, end_of(errno));
		return;
	}
	if (client->peer->handshake)
		conn->port = lu_socket_port(conn->fd);
	conn->state = CONNECTING;
	if (up)
		connected(client, slot);
}

static void expire(struct lu_churn_client *client, int64_t t_ns)
{
	for (unsigned i = 0; i < lu_churn_used(client->churn); i++)
		if (lu_churn_expiry(client->churn, i) <= t_ns)
			fail(client, i, LU_CHURN_TIMEOUT);
}

void lu_churn_client_run(struct lu_churn_client *client)
{
	int64_t t_ns = now_ns(client);

	expire(client, t_ns);
	while (lu_churn_due(client->churn) <= t_ns)
		open_next(client);
}

int64_t lu_churn_client_next(const struct lu_churn_client *client)
{
	int64_t next = lu_churn_due(client->churn);

	for (unsigned i = 0; i < lu_churn_used(client->churn); i++)
		next = MIN(next, lu_churn_expiry(client->churn, i));
	return next;
}

void lu_churn_client_fill(const struct lu_churn_client *client, GArray *fds)
{
	for (guint i = 0; i < client->conns->len; i++) {
		const struct conn *conn = conn_of(client, i);
		bool out = conn->state == CONNECTING || conn->out->len > 0;
		struct pollfd fd = {conn->fd, (short)(POLLIN | (out ? POLLOUT : 0)), 0};

		g_array_append_val(fds, fd);
	}
}

static void read_in(struct lu_churn_client *client, unsigned slot)
{
	struct conn *conn = conn_of(client, slot);
	uint8_t buf[65536];
	ssize_t n = recv(conn->fd, buf, sizeof(buf), 0);
	int64_t t_ns = now_ns(client);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail(client, slot, LU_CHURN_RESET);
		return;
	}
	g_byte_array_append(conn->in, buf, (guint)n);
	look(client, slot);
	if (lu_churn_received(client->churn, slot, conn->in->data, conn->in->len, t_ns))
		close_conn(client, conn);
	else if (conn->in->len > MAX_REPLY)
		fail(client, slot, LU_CHURN_WRONG);
}

static void handle(struct lu_churn_client *client, unsigned slot, short events)
{
	struct conn *conn = conn_of(client, slot);
	int why;

	if (conn->state == CONNECTING) {
		why = lu_socket_error(conn->fd);
		if (why)
			fail(client, slot, end_of(why));
		else
			connected(client, slot);
		return;
	}
	if (events & (POLLIN | POLLHUP | POLLERR))
		read_in(client, slot);
	if (conn->state == OPEN && (events & POLLOUT))
		write_out(client, slot);
}

void lu_churn_client_handle(struct lu_churn_client *client, const struct pollfd *fds)
{
	for (guint i = 0; i < client->conns->len; i++)
		if (fds[i].fd >= 0 && fds[i].revents)
			handle(client, i, fds[i].revents);
}

void lu_churn_client_free(struct lu_churn_client *client)
{
	if (!client)
		return;
	for (guint i = 0; i < client->conns->len; i++) {
		struct conn *conn = conn_of(client, i);

		close_conn(client, conn);
		g_byte_array_unref(conn->in);
		g_byte_array_unref(conn->out);
		g_free(conn);
	}
	g_ptr_array_unref(client->conns);
	g_free(client);
}
