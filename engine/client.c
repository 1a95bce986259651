/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real client: one thread, one ppoll() loop, non-blocking sockets. */
#include "engine/client.h"
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "engine/churn-client.h"
#include "engine/connections.h"
#include "host/descriptors.h"

/* Open in this process besides those of connections: QEMU's, files, eventfds. */
#define OTHER_FILES 128

struct lu_client {
	const struct lu_io *io;
	struct lu_load *load;
	struct lu_client_peer peer;
	struct lu_connections *connections;
	struct lu_churn_client *churn; /* NULL: none */
	GArray *fds; /* struct pollfd: [0] is wake, then connections, then those of churn */
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
	return MIN(next, lu_connections_next(client->connections));
}

static void fill(struct lu_client *client)
{
	struct pollfd wake = {client->wake, POLLIN, 0};

	g_array_set_size(client->fds, 0);
	g_array_append_val(client->fds, wake);
	lu_connections_fill(client->connections, client->fds);
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
	lu_connections_handle(client->connections, fds + 1);
	if (client->churn)
		lu_churn_client_handle(client->churn, fds + 1 + lu_load_connections(client->load));
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
		lu_connections_send(client->connections);
		if (client->churn)
			lu_churn_client_run(client->churn);
		lu_load_expire(client->load, now);
		lu_connections_run(client->connections, now);
		if (drained(client))
			break;
		wait_events(client);
	}
	lu_load_end(client->load, now_ns(client));
	g_atomic_int_set(&client->done, 1);
	return NULL;
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
	client->connections = lu_connections_new(io, load, &client->peer);
	client->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	if (lu_load_churn(load))
		client->churn = lu_churn_client_new(io, lu_load_churn(load), &client->peer);
	client->drain_deadline_ns = INT64_MAX;
	g_mutex_init(&client->lock);
	client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!lu_descriptors_allow(descriptors(load), error) ||
	    !lu_connections_open(client->connections, error)) {
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
	lu_connections_free(client->connections);
	lu_churn_client_free(client->churn);
	close(client->wake);
	g_mutex_clear(&client->lock);
	g_array_unref(client->fds);
	g_free(client);
}
