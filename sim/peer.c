/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections as a client's kernel sees them. A segment that is lost starts the retransmission
 * timer: 1 s, doubled at each further loss (RFC 6298), so retries come 1, 3, 7, 15, … s after the
 * first; what is sent meanwhile waits behind it. This covers segments that no kernel receives;
 * segments lost by the link are covered by sim/stream.c.
 */
#include "sim/peer-conn.h"

#define MS	     G_GINT64_CONSTANT(1000000)
#define RECONNECT_NS (50 * MS)
/* The first retransmission timeout of the client's kernel (BSD's minimum) and of the guest's
 * (TCP_RTO_MIN of Linux). */
#define CLIENT_RTO_NS SECOND
#define GUEST_RTO_NS  (200 * MS)

static void connect_conn(struct lu_peer *peer, struct sim_conn *c)
{
	sim_conn_reset(c);
	c->up = c->socket = c->accepted = true;
	c->id = peer->next_id++;
}

struct lu_peer *lu_peer_new(const struct lu_peer_ops *ops, void *guest, struct lu_load *load,
			    int64_t now_ns)
{
	struct lu_peer *peer = g_new0(struct lu_peer, 1);

	peer->ops = ops;
	peer->guest = guest;
	peer->load = load;
	peer->expiry_ns = INT64_MAX;
	peer->to_guest = (struct sim_link){ops->wire, guest, CLIENT_RTO_NS};
	peer->to_client = (struct sim_link){ops->wire, guest, GUEST_RTO_NS};
	peer->count = lu_load_connections(load);
	sim_churn_new(peer);
	for (unsigned i = 0; i < peer->count; i++) {
		connect_conn(peer, &peer->conns[i]);
		lu_load_conn_up(load, i, now_ns);
	}
	return peer;
}

void lu_peer_free(struct lu_peer *peer)
{
	if (!peer)
		return;
	for (unsigned i = 0; i < peer->allocated; i++) {
		sim_conn_reset(&peer->conns[i]);
		g_byte_array_unref(peer->conns[i].inbox);
		g_byte_array_unref(peer->conns[i].received);
	}
	lu_peer_impair(peer, NULL);
	g_free(peer->conns);
	g_free(peer);
}

void lu_peer_impair(struct lu_peer *peer, const struct lu_shape_config *config)
{
	struct lu_shape_config back;

	if (config) {
		back = *config;
		back.seed++;
	}
	sim_link_impair(&peer->to_guest, config);
	sim_link_impair(&peer->to_client, config ? &back : NULL);
}

unsigned lu_peer_count(const struct lu_peer *peer)
{
	return sim_churn_all(peer);
}

GByteArray *lu_peer_inbox(struct lu_peer *peer, unsigned i)
{
	return peer->conns[i].inbox;
}

unsigned lu_peer_id(const struct lu_peer *peer, unsigned i)
{
	return peer->conns[i].id;
}

/* Packets wait for a running timer, and for a stopped machine to continue. */
static int64_t arrival_ns(const struct lu_peer *peer, const struct sim_conn *c)
{
	if (peer->ops->way(peer->guest) == LU_PEER_HELD)
		return INT64_MAX;
	return c->rto_ns ? c->retry_ns : sim_stream_head_ns(&c->out);
}

int64_t lu_peer_next(const struct lu_peer *peer)
{
	int64_t next = MIN(peer->expiry_ns, sim_churn_next(peer));

	if (!lu_load_stopped(peer->load))
		next = MIN(next, lu_load_intended(peer->load, lu_load_next(peer->load)));
	for (unsigned i = 0; i < sim_churn_all(peer); i++) {
		const struct sim_conn *c = &peer->conns[i];

		next = MIN(next, arrival_ns(peer, c));
		next = MIN(next, sim_stream_head_ns(&c->back));
		next = MIN(next, MIN(c->reset_ns, c->connect_ns));
	}
	return next;
}

static void send_due(struct lu_peer *peer, int64_t now_ns)
{
	while (!lu_load_stopped(peer->load) &&
	       lu_load_intended(peer->load, lu_load_next(peer->load)) <= now_ns) {
		GByteArray *bytes = g_byte_array_new();
		unsigned i = lu_load_take(peer->load, now_ns, bytes);

		if (peer->expiry_ns == INT64_MAX)
			peer->expiry_ns = lu_load_next_expiry(peer->load);

		if (bytes->len)
			sim_stream_push(&peer->conns[i].out, &peer->to_guest, now_ns, bytes);
		else
			g_byte_array_unref(bytes);
	}
}

static void lose(struct sim_conn *c, int64_t now_ns)
{
	c->rto_ns = sim_conn_backoff(c->rto_ns);
	c->retry_ns = now_ns + c->rto_ns;
}

/* A retransmission that gets through delivers all packets that waited behind it, too. */
static void deliver(struct sim_conn *c, int64_t now_ns)
{
	bool retried = c->rto_ns != 0;

	while (c->out.packets.head && (retried || sim_stream_head_ns(&c->out) <= now_ns)) {
		g_autoptr(GByteArray) bytes = sim_stream_take(&c->out);

		g_byte_array_append(c->inbox, bytes->data, bytes->len);
	}
	c->rto_ns = 0;
	c->retry_ns = INT64_MAX;
}

static void arrive(struct lu_peer *peer, struct sim_conn *c, int64_t now_ns)
{
	enum lu_peer_way way = peer->ops->way(peer->guest);

	/* A segment retransmitted by a timer may be lost
	 * again; the others have passed the link already. */
	if (way == LU_PEER_LOST || (c->rto_ns && sim_link_loses(&peer->to_guest))) {
		lose(c, now_ns);
		return;
	}
	if (way == LU_PEER_REFUSED || !c->socket) {
		sim_stream_clear(&c->out);
		c->rto_ns = 0;
		c->reset_ns = MIN(c->reset_ns, now_ns + peer->ops->wire(peer->guest));
		return;
	}
	deliver(c, now_ns);
	peer->ops->arrived(peer->guest);
}

static void drop(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];

	if (sim_churn_passes(peer, i)) {
		sim_churn_failed(peer, i, LU_CHURN_RESET, now_ns);
		return;
	}
	sim_conn_reset(c);
	c->connect_ns = now_ns + RECONNECT_NS;
	lu_load_conn_down(peer->load, i, now_ns, "reset");
}

/* Only a running guest kernel retransmits. */
static bool postponed(struct lu_peer *peer, struct sim_conn *c, int64_t now_ns)
{
	if (!sim_stream_again(&c->back) ||
	    (c->socket && peer->ops->way(peer->guest) == LU_PEER_THROUGH))
		return false;
	sim_stream_postpone(&c->back, now_ns + GUEST_RTO_NS);
	return true;
}

static void receive(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];
	g_autoptr(GByteArray) bytes = NULL;
	ssize_t used;

	if (postponed(peer, c, now_ns))
		return;
	bytes = sim_stream_take(&c->back);
	g_byte_array_append(c->received, bytes->data, bytes->len);
	if (sim_churn_passes(peer, i)) {
		sim_churn_received(peer, i, now_ns);
		return;
	}
	used = lu_load_received(peer->load, i, c->received->data, c->received->len, now_ns);
	if (used < 0)
		drop(peer, i, now_ns);
	else
		g_byte_array_remove_range(c->received, 0, (guint)used);
}

static void reconnect(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];
	GByteArray *bytes;

	if (!peer->ops->listening(peer->guest)) {
		c->connect_ns = now_ns + RECONNECT_NS;
		return;
	}
	connect_conn(peer, c);
	lu_load_conn_up(peer->load, i, now_ns);
	bytes = g_byte_array_new();
	lu_load_flush(peer->load, i, now_ns, G_MAXUINT, bytes);
	if (bytes->len)
		sim_stream_push(&c->out, &peer->to_guest, now_ns, bytes);
	else
		g_byte_array_unref(bytes);
}

static void run_conn(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];

	while (sim_stream_head_ns(&c->back) <= now_ns)
		receive(peer, i, now_ns);
	if (c->reset_ns <= now_ns)
		drop(peer, i, now_ns);
	if (c->connect_ns <= now_ns)
		reconnect(peer, i, now_ns);
	if (arrival_ns(peer, c) <= now_ns)
		arrive(peer, c, now_ns);
}

void lu_peer_run(struct lu_peer *peer, int64_t now_ns)
{
	send_due(peer, now_ns);
	if (peer->expiry_ns <= now_ns) {
		lu_load_expire(peer->load, now_ns);
		peer->expiry_ns = lu_load_next_expiry(peer->load);
	}
	sim_churn_run(peer, now_ns);
	for (unsigned i = 0; i < sim_churn_all(peer); i++)
		run_conn(peer, i, now_ns);
}

void lu_peer_reply(struct lu_peer *peer, unsigned i, const GByteArray *bytes, int64_t now_ns)
{
	GByteArray *copy = g_byte_array_sized_new(bytes->len);

	g_byte_array_append(copy, bytes->data, bytes->len);
	sim_stream_push(&peer->conns[i].back, &peer->to_client, now_ns, copy);
}

void lu_peer_sockets_closed(struct lu_peer *peer, bool told, int64_t now_ns)
{
	for (unsigned i = 0; i < sim_churn_all(peer); i++) {
		struct sim_conn *c = &peer->conns[i];

		c->socket = false;
		if (!c->saved)
			g_byte_array_set_size(c->inbox, 0);
		if (told && c->up)
			c->reset_ns = MIN(c->reset_ns, now_ns);
	}
}

void lu_peer_sockets_saved(struct lu_peer *peer)
{
	for (unsigned i = 0; i < sim_churn_all(peer); i++)
		peer->conns[i].saved = peer->conns[i].socket && peer->conns[i].accepted;
}

void lu_peer_sockets_restored(struct lu_peer *peer)
{
	for (unsigned i = 0; i < sim_churn_all(peer); i++)
		peer->conns[i].socket = peer->conns[i].saved;
}

void lu_peer_accept(struct lu_peer *peer)
{
	for (unsigned i = 0; i < sim_churn_all(peer); i++)
		peer->conns[i].accepted |= peer->conns[i].socket;
}

unsigned lu_peer_nudge(struct lu_peer *peer, int64_t now_ns)
{
	unsigned waiting = 0;

	for (unsigned i = 0; i < sim_churn_all(peer); i++) {
		struct sim_conn *c = &peer->conns[i];

		if (!c->rto_ns || !c->socket)
			continue;
		c->retry_ns = now_ns + 2 * sim_link_delay(&peer->to_guest);
		waiting++;
	}
	return waiting;
}
