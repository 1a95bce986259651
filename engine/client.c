/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real client. One thread, one ppoll() loop, non-blocking sockets; what a full socket does not
 * accept waits in user space, so a paused service never delays sending the next request on another
 * connection, nor its timestamp on this one.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "engine/churn-client.h"
#include "engine/client.h"
#include "engine/socket.h"
#include "host/descriptors.h"

/* A lost connection is retried this often: that adds at most a tenth to a
 * blackout of half a second. */
#define RETRY_NS (50 * LU_NS_PER_MS)
/* A new connection without a reply within this time leads nowhere (user networking accepts on
 * behalf of the guest and then backs off for seconds): a new one reaches the service sooner. */
#define PATIENCE_NS (500 * LU_NS_PER_MS)
#define CONNECT_NS  (10 * LU_NS_PER_S)
/* Open in this process besides those of connections: QEMU's, files, eventfds. */
#define OTHER_FILES 128
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

struct lu_client {
	const struct lu_io *io;
	struct lu_load *load;
	struct lu_client_peer peer;
	struct lu_churn_client *churn; /* NULL: none */
	unsigned count;
	struct conn *conns;
	GArray *fds; /* struct pollfd: [0] is wake, [1 + i] is conn i, then those of churn */
	int wake;
	GThread *thread;
	gint stopping, done;	  /* atomic */
	gint64 drain_deadline_ns; /* guarded by lock */
	GMutex lock;
};

static int64_t now_ns(struct lu_client *client)
{
	return client->io->now(client->io);
}

static void conn_close(struct lu_client *client, struct conn *conn, int64_t retry_ns)
{
	uint16_t port = conn->fd >= 0 && client->peer.closed ? lu_socket_port(conn->fd) : 0;

	if (conn->fd >= 0)
		close(conn->fd);
	if (port)
		client->peer.closed(client->peer.data, port);
	conn->fd = -1;
	conn->state = CONN_DOWN;
	conn->deadline_ns = retry_ns;
	g_byte_array_set_size(conn->in, 0);
	g_byte_array_set_size(conn->out, 0);
}

/* The connection is gone: what was sent on it is lost, or is queued again if it never
 * reached the service. */
static void conn_lost(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];
	int64_t now = now_ns(client);

	if (conn->state == CONN_UP)
		lu_load_conn_down(client->load, i, now, "reset");
	else if (conn->state == CONN_TRYING)
		lu_load_conn_retry(client->load, i);
	conn_close(client, conn, now + RETRY_NS);
}

static void conn_write(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];

	while (conn->out->len > 0) {
		ssize_t n = send(conn->fd, conn->out->data, conn->out->len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			conn_lost(client, i);
			return;
		}
		g_byte_array_remove_range(conn->out, 0, (guint)n);
	}
}

/* On a connection that has not brought a reply yet, one waiting request is sent first; its
 * timeout starts then. */
static void conn_probe(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];
	int64_t now = now_ns(client);

	if (conn->state != CONN_TRYING || conn->deadline_ns != INT64_MAX)
		return;
	if (lu_load_flush(client->load, i, now, 1, conn->out) == 0)
		return;
	conn->deadline_ns = now + PATIENCE_NS;
	conn_write(client, i);
}

static void conn_connected(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];

	conn->state = CONN_TRYING;
	conn->deadline_ns = INT64_MAX;
	lu_load_conn_try(client->load, i);
	conn_probe(client, i);
}

static void conn_connect(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];
	bool connected;

	conn->fd = client->io->connect(client->io, client->peer.port, &connected);
	if (conn->fd < 0) {
		conn_close(client, conn, now_ns(client) + RETRY_NS);
		return;
	}
	conn->state = CONN_CONNECTING;
	conn->deadline_ns = now_ns(client) + CONNECT_NS;
	if (connected)
		conn_connected(client, i);
}

static void conn_proven(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];

	conn->state = CONN_UP;
	conn->deadline_ns = INT64_MAX;
	lu_load_flush(client->load, i, now_ns(client), G_MAXUINT, conn->out);
	conn_write(client, i);
}

/* false: the connection is closed. */
static bool conn_parse(struct lu_client *client, unsigned i, int64_t t_ns)
{
	struct conn *conn = &client->conns[i];
	ssize_t used = lu_load_received(client->load, i, conn->in->data, conn->in->len, t_ns);

	if (used < 0 || conn->in->len - (size_t)used > MAX_UNPARSED) {
		/* This reply, although wrong, may have shown the load that the connection is up. */
		lu_load_conn_down(client->load, i, t_ns, "reset");
		conn_close(client, conn, now_ns(client) + RETRY_NS);
		return false;
	}
	g_byte_array_remove_range(conn->in, 0, (guint)used);
	if (used > 0 && conn->state == CONN_TRYING)
		conn_proven(client, i);
	return conn->fd >= 0;
}

static void conn_read(struct lu_client *client, unsigned i)
{
	struct conn *conn = &client->conns[i];
	uint8_t buf[65536];

	for (;;) {
		ssize_t n = recv(conn->fd, buf, sizeof(buf), 0);
		int64_t now = now_ns(client);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			conn_lost(client, i);
			return;
		}
		g_byte_array_append(conn->in, buf, (guint)n);
		if (!conn_parse(client, i, now) || (size_t)n < sizeof(buf))
			return;
	}
}

static void conn_event(struct lu_client *client, unsigned i, short revents)
{
	struct conn *conn = &client->conns[i];

	if (conn->fd < 0 || !revents)
		return;
	if (conn->state == CONN_CONNECTING) {
		if (lu_socket_error(conn->fd))
			conn_lost(client, i);
		else
			conn_connected(client, i);
		return;
	}
	if (revents & (POLLIN | POLLHUP | POLLERR))
		conn_read(client, i);
	if (conn->fd >= 0 && (revents & POLLOUT))
		conn_write(client, i);
}

static void conn_timer(struct lu_client *client, unsigned i, int64_t now)
{
	struct conn *conn = &client->conns[i];

	if (now < conn->deadline_ns)
		return;
	if (conn->state == CONN_DOWN)
		conn_connect(client, i);
	else
		conn_lost(client, i);
}

/* Only what is due now, so that a rate beyond what this thread can send does not
 * keep it from reading. */
static void send_due(struct lu_client *client)
{
	struct lu_load *load = client->load;
	int64_t now = now_ns(client);

	while (!lu_load_stopped(load) && lu_load_intended(load, lu_load_next(load)) <= now) {
		unsigned i = lu_load_next(load) % client->count;

		lu_load_take(load, now_ns(client), client->conns[i].out);
		conn_probe(client, i);
		if (client->conns[i].state == CONN_UP)
			conn_write(client, i);
	}
}

static int64_t drain_deadline(struct lu_client *client)
{
	int64_t deadline;

	g_mutex_lock(&client->lock);
	deadline = client->drain_deadline_ns;
	g_mutex_unlock(&client->lock);
	return deadline;
}

static int64_t next_wakeup(struct lu_client *client)
{
	int64_t next = MIN(lu_load_next_expiry(client->load), drain_deadline(client));

	if (!lu_load_stopped(client->load))
		next = MIN(next, lu_load_intended(client->load, lu_load_next(client->load)));
	if (client->churn)
		next = MIN(next, lu_churn_client_next(client->churn));
	for (unsigned i = 0; i < client->count; i++)
		next = MIN(next, client->conns[i].deadline_ns);
	return next;
}

static void fill(struct lu_client *client)
{
	struct pollfd wake = {client->wake, POLLIN, 0};

	g_array_set_size(client->fds, 0);
	g_array_append_val(client->fds, wake);
	for (unsigned i = 0; i < client->count; i++) {
		const struct conn *conn = &client->conns[i];
		bool wants_out = conn->state == CONN_CONNECTING || conn->out->len > 0;
		struct pollfd fd = {conn->fd, (short)(POLLIN | (wants_out ? POLLOUT : 0)), 0};

		g_array_append_val(client->fds, fd);
	}
	if (client->churn)
		lu_churn_client_fill(client->churn, client->fds);
}

static void wait_events(struct lu_client *client)
{
	const struct lu_io *io = client->io;
	struct pollfd *fds;
	uint64_t woken;

	fill(client);
	fds = (struct pollfd *)client->fds->data;
	if (io->poll(io, fds, client->fds->len, next_wakeup(client)) <= 0)
		return;
	if ((fds[0].revents & POLLIN) && read(client->wake, &woken, sizeof(woken)) < 0)
		g_assert(errno == EAGAIN || errno == EINTR);
	for (unsigned i = 0; i < client->count; i++)
		conn_event(client, i, fds[1 + i].revents);
	if (client->churn)
		lu_churn_client_handle(client->churn, fds + 1 + client->count);
}

static bool drained(struct lu_client *client)
{
	return lu_load_stopped(client->load) &&
	       (lu_load_outstanding(client->load) == 0 || now_ns(client) >= drain_deadline(client));
}

static gpointer client_main(gpointer data)
{
	struct lu_client *client = data;

	/* Without slack a timer fires when it says. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (;;) {
		int64_t now = now_ns(client);

		if (g_atomic_int_get(&client->stopping))
			lu_load_stop(client->load);
		send_due(client);
		if (client->churn)
			lu_churn_client_run(client->churn);
		lu_load_expire(client->load, now);
		for (unsigned i = 0; i < client->count; i++)
			conn_timer(client, i, now);
		if (drained(client))
			break;
		wait_events(client);
	}
	lu_load_end(client->load, now_ns(client));
	g_atomic_int_set(&client->done, 1);
	return NULL;
}

static bool open_links(struct lu_client *client, GError **error)
{
	int64_t deadline = now_ns(client) + CONNECT_NS;

	for (unsigned i = 0; i < client->count; i++) {
		struct conn *conn = &client->conns[i];

		conn->fd = lu_socket_connect_wait(client->io, client->peer.port, deadline, error);
		if (conn->fd < 0) {
			g_prefix_error(error, "client: connection %u of %u: ", i + 1,
				       client->count);
			return false;
		}
		conn->state = CONN_UP;
		lu_load_conn_up(client->load, i, now_ns(client));
	}
	return true;
}

/* Each connection has another end in this process where the network is (libslirp). */
static unsigned descriptors(const struct lu_load *load)
{
	const struct lu_churn *churn = lu_load_churn(load);

	return OTHER_FILES + 2 * (lu_load_connections(load) + (churn ? lu_churn_most(churn) : 0));
}

struct lu_client *lu_client_start(const struct lu_io *io, struct lu_load *load,
				  const struct lu_client_peer *peer, GError **error)
{
	struct lu_client *client = g_new0(struct lu_client, 1);

	client->io = io;
	client->load = load;
	client->peer = *peer;
	client->count = lu_load_connections(load);
	client->conns = g_new0(struct conn, client->count);
	client->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	if (lu_load_churn(load))
		client->churn = lu_churn_client_new(io, lu_load_churn(load), &client->peer);
	client->drain_deadline_ns = INT64_MAX;
	g_mutex_init(&client->lock);
	client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (unsigned i = 0; i < client->count; i++)
		client->conns[i] = (struct conn){CONN_DOWN, -1, INT64_MAX, g_byte_array_new(),
						 g_byte_array_new()};
	if (!lu_descriptors_allow(descriptors(load), error) || !open_links(client, error)) {
		lu_client_free(client);
		return NULL;
	}
	lu_load_start(load, now_ns(client));
	client->thread = io->thread(io, "client", client_main, client);
	return client;
}

void lu_client_stop(struct lu_client *client, int64_t drain_ns)
{
	int64_t deadline = now_ns(client) + drain_ns;
	const uint64_t one = 1;

	g_mutex_lock(&client->lock);
	client->drain_deadline_ns = MIN(client->drain_deadline_ns, deadline);
	g_mutex_unlock(&client->lock);
	g_atomic_int_set(&client->stopping, 1);
	if (write(client->wake, &one, sizeof(one)) < 0)
		g_assert(errno == EAGAIN || errno == EINTR);
}

bool lu_client_done(struct lu_client *client)
{
	return g_atomic_int_get(&client->done);
}

void lu_client_free(struct lu_client *client)
{
	if (!client)
		return;
	if (client->thread) {
		lu_client_stop(client, 0);
		g_thread_join(client->thread);
	}
	for (unsigned i = 0; i < client->count; i++) {
		conn_close(client, &client->conns[i], 0);
		g_byte_array_unref(client->conns[i].in);
		g_byte_array_unref(client->conns[i].out);
	}
	lu_churn_client_free(client->churn);
	close(client->wake);
	g_mutex_clear(&client->lock);
	g_array_unref(client->fds);
	g_free(client->conns);
	g_free(client);
}
