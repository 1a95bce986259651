/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real client. One thread, one ppoll() loop, non-blocking sockets; what a full socket does not
 * take waits in user space, so a stopped service never delays the next request's sending on another
 * connection, nor its stamp on this one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "engine/client.h"
#include "engine/clock.h"
#include "engine/socket.h"

/* A lost connection is asked for again this often: a fifth of it is what it adds to a blackout of
 * half a second. */
#define RETRY_NS (50 * LU_MS)
/* A new connection that brings no reply within this leads nowhere (user networking accepts in the
 * guest's stead and then backs off by seconds): a fresh one finds the service sooner. */
#define PATIENCE_NS (500 * LU_MS)
#define CONNECT_NS  (10 * LU_SECOND)
/* No reply of any workload comes near; a peer that sends more without one whole reply is broken. */
#define MAX_UNPARSED (16u << 20)

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_TRYING, LINK_UP };

struct link {
	enum link_state state;
	int fd;
	int64_t deadline_ns; /* DOWN: try again; CONNECTING, TRYING: give up; INT64_MAX: none */
	GByteArray *in, *out;
};

struct lu_client {
	struct lu_load *load;
	uint16_t port;
	unsigned count;
	struct link *links;
	struct pollfd *fds; /* [0] is wake, [1 + i] is link i */
	int wake;
	GThread *thread;
	gint stopping, done;	  /* atomic */
	gint64 drain_deadline_ns; /* guarded by lock */
	GMutex lock;
};

static void link_close(struct link *link, int64_t retry_ns)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	link->state = LINK_DOWN;
	link->deadline_ns = retry_ns;
	g_byte_array_set_size(link->in, 0);
	g_byte_array_set_size(link->out, 0);
}

/* The connection is gone: what was sent on it is lost, or goes back to the waiting if it never led
 * to the service. */
static void link_lost(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];
	int64_t now = lu_clock_now();

	if (link->state == LINK_UP)
		lu_load_conn_down(client->load, i, now, "reset");
	else if (link->state == LINK_TRYING)
		lu_load_conn_retry(client->load, i);
	link_close(link, now + RETRY_NS);
}

static void link_write(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];

	while (link->out->len > 0) {
		ssize_t n = send(link->fd, link->out->data, link->out->len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			link_lost(client, i);
			return;
		}
		g_byte_array_remove_range(link->out, 0, (guint)n);
	}
}

/* One waiting request goes first on a connection that is not proven; its
 * patience starts with it. */
static void link_probe(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];
	int64_t now = lu_clock_now();

	if (link->state != LINK_TRYING || link->deadline_ns != INT64_MAX)
		return;
	if (lu_load_flush(client->load, i, now, 1, link->out) == 0)
		return;
	link->deadline_ns = now + PATIENCE_NS;
	link_write(client, i);
}

static void link_connected(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];

	link->state = LINK_TRYING;
	link->deadline_ns = INT64_MAX;
	lu_load_conn_try(client->load, i);
	link_probe(client, i);
}

static void link_connect(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];
	bool connected;

	link->fd = lu_socket_connect(client->port, &connected);
	if (link->fd < 0) {
		link_close(link, lu_clock_now() + RETRY_NS);
		return;
	}
	link->state = LINK_CONNECTING;
	link->deadline_ns = lu_clock_now() + CONNECT_NS;
	if (connected)
		link_connected(client, i);
}

static void link_proven(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];

	link->state = LINK_UP;
	link->deadline_ns = INT64_MAX;
	lu_load_flush(client->load, i, lu_clock_now(), G_MAXUINT, link->out);
	link_write(client, i);
}

/* false: the link is closed. */
static bool link_parse(struct lu_client *client, unsigned i, int64_t t_ns)
{
	struct link *link = &client->links[i];
	ssize_t used = lu_load_received(client->load, i, link->in->data, link->in->len, t_ns);

	if (used < 0 || link->in->len - (size_t)used > MAX_UNPARSED) {
		/* The load may have proven it by this reply, wrong as it is. */
		lu_load_conn_down(client->load, i, t_ns, "reset");
		link_close(link, lu_clock_now() + RETRY_NS);
		return false;
	}
	g_byte_array_remove_range(link->in, 0, (guint)used);
	if (used > 0 && link->state == LINK_TRYING)
		link_proven(client, i);
	return link->fd >= 0;
}

static void link_read(struct lu_client *client, unsigned i)
{
	struct link *link = &client->links[i];
	uint8_t buf[65536];

	for (;;) {
		ssize_t n = recv(link->fd, buf, sizeof(buf), 0);
		int64_t now = lu_clock_now();

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			link_lost(client, i);
			return;
		}
		g_byte_array_append(link->in, buf, (guint)n);
		if (!link_parse(client, i, now) || (size_t)n < sizeof(buf))
			return;
	}
}

static void link_event(struct lu_client *client, unsigned i, short revents)
{
	struct link *link = &client->links[i];

	if (link->fd < 0 || !revents)
		return;
	if (link->state == LINK_CONNECTING) {
		if (lu_socket_error(link->fd))
			link_lost(client, i);
		else
			link_connected(client, i);
		return;
	}
	if (revents & (POLLIN | POLLHUP | POLLERR))
		link_read(client, i);
	if (link->fd >= 0 && (revents & POLLOUT))
		link_write(client, i);
}

static void link_timer(struct lu_client *client, unsigned i, int64_t now)
{
	struct link *link = &client->links[i];

	if (now < link->deadline_ns)
		return;
	if (link->state == LINK_DOWN)
		link_connect(client, i);
	else
		link_lost(client, i);
}

/* What is due now and no more, so that a rate beyond this thread's power does not
 * keep it from reading. */
static void send_due(struct lu_client *client)
{
	struct lu_load *load = client->load;
	int64_t now = lu_clock_now();

	while (!lu_load_stopped(load) && lu_load_intended(load, lu_load_next(load)) <= now) {
		unsigned i = lu_load_next(load) % client->count;

		lu_load_take(load, lu_clock_now(), client->links[i].out);
		link_probe(client, i);
		if (client->links[i].state == LINK_UP)
			link_write(client, i);
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
	for (unsigned i = 0; i < client->count; i++)
		next = MIN(next, client->links[i].deadline_ns);
	return next;
}

static void wait_events(struct lu_client *client)
{
	int64_t left = next_wakeup(client) - lu_clock_now();
	struct timespec ts = lu_clock_timespec(MAX(left, 0));
	uint64_t woken;

	for (unsigned i = 0; i < client->count; i++) {
		struct link *link = &client->links[i];
		bool wants_out = link->state == LINK_CONNECTING || link->out->len > 0;

		client->fds[1 + i] =
			(struct pollfd){link->fd, POLLIN | (wants_out ? POLLOUT : 0), 0};
	}
	if (ppoll(client->fds, client->count + 1, &ts, NULL) <= 0)
		return;
	if ((client->fds[0].revents & POLLIN) && read(client->wake, &woken, sizeof(woken)) < 0)
		g_assert(errno == EAGAIN || errno == EINTR);
	for (unsigned i = 0; i < client->count; i++)
		link_event(client, i, client->fds[1 + i].revents);
}

static bool drained(struct lu_client *client)
{
	return lu_load_stopped(client->load) &&
	       (lu_load_outstanding(client->load) == 0 || lu_clock_now() >= drain_deadline(client));
}

static gpointer client_main(gpointer data)
{
	struct lu_client *client = data;
	sigset_t all;

	/* Signals are the main thread's; and without slack a timer fires when it says. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (;;) {
		int64_t now = lu_clock_now();

		if (g_atomic_int_get(&client->stopping))
			lu_load_stop(client->load);
		send_due(client);
		lu_load_expire(client->load, now);
		for (unsigned i = 0; i < client->count; i++)
			link_timer(client, i, now);
		if (drained(client))
			break;
		wait_events(client);
	}
	lu_load_end(client->load, lu_clock_now());
	g_atomic_int_set(&client->done, 1);
	return NULL;
}

static bool open_links(struct lu_client *client, GError **error)
{
	int64_t deadline = lu_clock_now() + CONNECT_NS;

	for (unsigned i = 0; i < client->count; i++) {
		struct link *link = &client->links[i];

		link->fd = lu_socket_connect_wait(client->port, deadline, error);
		if (link->fd < 0) {
			g_prefix_error(error, "client: connection %u of %u: ", i + 1,
				       client->count);
			return false;
		}
		link->state = LINK_UP;
		lu_load_conn_up(client->load, i, lu_clock_now());
	}
	return true;
}

struct lu_client *lu_client_start(struct lu_load *load, uint16_t port, GError **error)
{
	struct lu_client *client = g_new0(struct lu_client, 1);

	client->load = load;
	client->port = port;
	client->count = lu_load_connections(load);
	client->links = g_new0(struct link, client->count);
	client->fds = g_new0(struct pollfd, client->count + 1);
	client->drain_deadline_ns = INT64_MAX;
	g_mutex_init(&client->lock);
	client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	client->fds[0] = (struct pollfd){client->wake, POLLIN, 0};
	for (unsigned i = 0; i < client->count; i++)
		client->links[i] = (struct link){LINK_DOWN, -1, INT64_MAX, g_byte_array_new(),
						 g_byte_array_new()};
	if (!open_links(client, error)) {
		lu_client_free(client);
		return NULL;
	}
	lu_load_start(load, lu_clock_now());
	client->thread = g_thread_new("client", client_main, client);
	return client;
}

void lu_client_stop(struct lu_client *client, int64_t drain_ns)
{
	int64_t deadline = lu_clock_now() + drain_ns;
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
		link_close(&client->links[i], 0);
		g_byte_array_unref(client->links[i].in);
		g_byte_array_unref(client->links[i].out);
	}
	close(client->wake);
	g_mutex_clear(&client->lock);
	g_free(client->fds);
	g_free(client->links);
	g_free(client);
}
