/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections as a client's kernel sees them. A segment that is lost starts the retransmission
 * timer: 1 s, doubled at each further loss (RFC 6298), so retries come 1, 3, 7, 15, … s after the
 * first; what is sent meanwhile waits behind it.
 */
#include "sim/peer.h"

#define SECOND	     G_GINT64_CONSTANT(1000000000)
#define RTO_MAX	     (64 * SECOND)
#define RECONNECT_NS (50 * G_GINT64_CONSTANT(1000000))

struct packet {
	int64_t at_ns;
	GByteArray *bytes;
};

struct conn {
	bool up;     /* as the client sees it */
	bool socket; /* the guest's kernel knows it */
	bool saved;  /* the checkpoint does */
	unsigned id;
	GQueue out, back; /* of struct packet: to the guest, to the client; in order of time */
	GByteArray *inbox, *received;
	int64_t rto_ns;				/* 0: nothing lost */
	int64_t retry_ns, reset_ns, connect_ns; /* INT64_MAX: not set */
};

struct lu_peer {
	const struct lu_peer_ops *ops;
	void *guest;
	struct lu_load *load;
	struct conn *conns;
	unsigned count, next_id;
	/* No request runs out before it. Asking the load costs a walk over all that is outstanding,
	 * and replies only move the moment back, so it is asked again only when this one has come.
	 */
	int64_t expiry_ns;
};

static void packet_free(gpointer data)
{
	struct packet *packet = data;

	g_byte_array_unref(packet->bytes);
	g_free(packet);
}

static void push(GQueue *queue, int64_t at_ns, GByteArray *bytes)
{
	struct packet *packet = g_new(struct packet, 1), *last = g_queue_peek_tail(queue);

	/* a stream does not overtake itself */
	packet->at_ns = last ? MAX(last->at_ns, at_ns) : at_ns;
	packet->bytes = bytes;
	g_queue_push_tail(queue, packet);
}

static void connect_conn(struct lu_peer *peer, struct conn *c)
{
	c->up = c->socket = true;
	c->saved = false;
	c->id = peer->next_id++;
	c->rto_ns = 0;
	c->retry_ns = c->reset_ns = c->connect_ns = INT64_MAX;
	g_queue_clear_full(&c->out, packet_free);
	g_queue_clear_full(&c->back, packet_free);
	g_byte_array_set_size(c->inbox, 0);
	g_byte_array_set_size(c->received, 0);
}

struct lu_peer *lu_peer_new(const struct lu_peer_ops *ops, void *guest, struct lu_load *load,
			    int64_t now_ns)
{
	struct lu_peer *peer = g_new0(struct lu_peer, 1);

	peer->ops = ops;
	peer->guest = guest;
	peer->load = load;
	peer->expiry_ns = INT64_MAX;
	peer->count = lu_load_connections(load);
	peer->conns = g_new0(struct conn, peer->count);
	for (unsigned i = 0; i < peer->count; i++) {
		peer->conns[i].inbox = g_byte_array_new();
		peer->conns[i].received = g_byte_array_new();
		connect_conn(peer, &peer->conns[i]);
		lu_load_conn_up(load, i, now_ns);
	}
	return peer;
}

void lu_peer_free(struct lu_peer *peer)
{
	if (!peer)
		return;
	for (unsigned i = 0; i < peer->count; i++) {
		g_queue_clear_full(&peer->conns[i].out, packet_free);
		g_queue_clear_full(&peer->conns[i].back, packet_free);
		g_byte_array_unref(peer->conns[i].inbox);
		g_byte_array_unref(peer->conns[i].received);
	}
	g_free(peer->conns);
	g_free(peer);
}

unsigned lu_peer_count(const struct lu_peer *peer)
{
	return peer->count;
}

GByteArray *lu_peer_inbox(struct lu_peer *peer, unsigned i)
{
	return peer->conns[i].inbox;
}

unsigned lu_peer_id(const struct lu_peer *peer, unsigned i)
{
	return peer->conns[i].id;
}

static int64_t head_ns(const GQueue *queue)
{
	const struct packet *packet = queue->head ? queue->head->data : NULL;

	return packet ? packet->at_ns : INT64_MAX;
}

/* With a timer running the packets wait for it; while the machine stands still they wait for that.
 */
static int64_t arrival_ns(const struct lu_peer *peer, const struct conn *c)
{
	if (peer->ops->way(peer->guest) == LU_PEER_HELD)
		return INT64_MAX;
	return c->rto_ns ? c->retry_ns : head_ns(&c->out);
}

int64_t lu_peer_next(const struct lu_peer *peer)
{
	int64_t next = peer->expiry_ns;

	if (!lu_load_stopped(peer->load))
		next = MIN(next, lu_load_intended(peer->load, lu_load_next(peer->load)));
	for (unsigned i = 0; i < peer->count; i++) {
		const struct conn *c = &peer->conns[i];

		next = MIN(next, arrival_ns(peer, c));
		next = MIN(next, head_ns(&c->back));
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
			push(&peer->conns[i].out, now_ns + peer->ops->wire(peer->guest), bytes);
		else
			g_byte_array_unref(bytes);
	}
}

static void lose(struct conn *c, int64_t now_ns)
{
	c->rto_ns = c->rto_ns ? MIN(2 * c->rto_ns, RTO_MAX) : SECOND;
	c->retry_ns = now_ns + c->rto_ns;
}

/* A retransmission that gets through takes all that waited behind it along. */
static void deliver(struct conn *c, int64_t now_ns)
{
	bool retried = c->rto_ns != 0;

	while (c->out.head && (retried || head_ns(&c->out) <= now_ns)) {
		struct packet *packet = g_queue_pop_head(&c->out);

		g_byte_array_append(c->inbox, packet->bytes->data, packet->bytes->len);
		packet_free(packet);
	}
	c->rto_ns = 0;
	c->retry_ns = INT64_MAX;
}

static void arrive(struct lu_peer *peer, struct conn *c, int64_t now_ns)
{
	enum lu_peer_way way = peer->ops->way(peer->guest);

	if (way == LU_PEER_LOST) {
		lose(c, now_ns);
		return;
	}
	if (way == LU_PEER_REFUSED || !c->socket) {
		g_queue_clear_full(&c->out, packet_free);
		c->rto_ns = 0;
		c->reset_ns = MIN(c->reset_ns, now_ns + peer->ops->wire(peer->guest));
		return;
	}
	deliver(c, now_ns);
	peer->ops->arrived(peer->guest);
}

static void drop(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct conn *c = &peer->conns[i];

	c->up = c->socket = c->saved = false;
	c->rto_ns = 0;
	c->retry_ns = c->reset_ns = INT64_MAX;
	c->connect_ns = now_ns + RECONNECT_NS;
	g_queue_clear_full(&c->out, packet_free);
	g_queue_clear_full(&c->back, packet_free);
	g_byte_array_set_size(c->inbox, 0);
	g_byte_array_set_size(c->received, 0);
	lu_load_conn_down(peer->load, i, now_ns, "reset");
}

static void receive(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct conn *c = &peer->conns[i];
	struct packet *packet = g_queue_pop_head(&c->back);
	ssize_t used;

	g_byte_array_append(c->received, packet->bytes->data, packet->bytes->len);
	packet_free(packet);
	used = lu_load_received(peer->load, i, c->received->data, c->received->len, now_ns);
	if (used < 0)
		drop(peer, i, now_ns);
	else
		g_byte_array_remove_range(c->received, 0, (guint)used);
}

static void reconnect(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct conn *c = &peer->conns[i];
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
		push(&c->out, now_ns + peer->ops->wire(peer->guest), bytes);
	else
		g_byte_array_unref(bytes);
}

static void run_conn(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct conn *c = &peer->conns[i];

	while (head_ns(&c->back) <= now_ns)
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
	for (unsigned i = 0; i < peer->count; i++)
		run_conn(peer, i, now_ns);
}

void lu_peer_reply(struct lu_peer *peer, unsigned i, const GByteArray *bytes, int64_t now_ns)
{
	GByteArray *copy = g_byte_array_sized_new(bytes->len);

	g_byte_array_append(copy, bytes->data, bytes->len);
	push(&peer->conns[i].back, now_ns + peer->ops->wire(peer->guest), copy);
}

void lu_peer_sockets_closed(struct lu_peer *peer, bool told, int64_t now_ns)
{
	for (unsigned i = 0; i < peer->count; i++) {
		struct conn *c = &peer->conns[i];

		c->socket = false;
		if (!c->saved)
			g_byte_array_set_size(c->inbox, 0);
		if (told && c->up)
			c->reset_ns = MIN(c->reset_ns, now_ns);
	}
}

void lu_peer_sockets_saved(struct lu_peer *peer)
{
	for (unsigned i = 0; i < peer->count; i++)
		peer->conns[i].saved = peer->conns[i].socket;
}

void lu_peer_sockets_restored(struct lu_peer *peer)
{
	for (unsigned i = 0; i < peer->count; i++)
		peer->conns[i].socket = peer->conns[i].saved;
}

unsigned lu_peer_nudge(struct lu_peer *peer, int64_t now_ns)
{
	unsigned waiting = 0;

	for (unsigned i = 0; i < peer->count; i++) {
		struct conn *c = &peer->conns[i];

		if (!c->rto_ns || !c->socket)
			continue;
		c->retry_ns = now_ns + 2 * peer->ops->wire(peer->guest);
		waiting++;
	}
	return waiting;
}
