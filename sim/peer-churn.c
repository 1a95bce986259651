/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passing connections of the simulated clients: a SYN, the kernel's answer, one request, its reply.
 * A SYN that no kernel receives is sent again after 1 s, then 2, 4, … (RFC 6298, as Linux does); a
 * kernel without the service's socket answers by a reset; one that holds it accepts, whether or not
 * the service runs. What happens after that is as with the connections that stay (sim/peer.c).
 */
#include "sim/peer-conn.h"

void sim_churn_new(struct lu_peer *peer)
{
	peer->churn = lu_load_churn(peer->load);
	peer->allocated = peer->count + (peer->churn ? lu_churn_most(peer->churn) : 0);
	peer->conns = g_new0(struct sim_conn, peer->allocated);
	for (unsigned i = 0; i < peer->allocated; i++) {
		peer->conns[i].inbox = g_byte_array_new();
		peer->conns[i].received = g_byte_array_new();
		sim_conn_reset(&peer->conns[i]);
	}
}

unsigned sim_churn_all(const struct lu_peer *peer)
{
	return peer->count + (peer->churn ? lu_churn_used(peer->churn) : 0);
}

bool sim_churn_passes(const struct lu_peer *peer, unsigned i)
{
	return i >= peer->count;
}

static unsigned slot_of(const struct lu_peer *peer, unsigned i)
{
	return i - peer->count;
}

/* Like all packets, a SYN waits for a stopped machine to continue. */
static int64_t handshake_ns(const struct lu_peer *peer, const struct sim_conn *c)
{
	if (c->handshake == SIM_NO_HANDSHAKE ||
	    (c->handshake == SIM_SYN && peer->ops->way(peer->guest) == LU_PEER_HELD))
		return INT64_MAX;
	return c->handshake_ns;
}

int64_t sim_churn_next(const struct lu_peer *peer)
{
	int64_t next = peer->churn ? lu_churn_due(peer->churn) : INT64_MAX;

	for (unsigned i = peer->count; i < sim_churn_all(peer); i++) {
		next = MIN(next, lu_churn_expiry(peer->churn, slot_of(peer, i)));
		next = MIN(next, handshake_ns(peer, &peer->conns[i]));
	}
	return next;
}

void sim_churn_failed(struct lu_peer *peer, unsigned i, enum lu_churn_end end, int64_t now_ns)
{
	lu_churn_failed(peer->churn, slot_of(peer, i), end, now_ns);
	sim_conn_reset(&peer->conns[i]);
}

void sim_churn_received(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];

	if (lu_churn_received(peer->churn, slot_of(peer, i), c->received->data, c->received->len,
			      now_ns))
		sim_conn_reset(c);
}

static void syn_lost(struct sim_conn *c, int64_t now_ns)
{
	c->rto_ns = sim_conn_backoff(c->rto_ns);
	c->handshake_ns = now_ns + c->rto_ns;
}

static void syn_arrives(struct lu_peer *peer, struct sim_conn *c, int64_t now_ns)
{
	enum lu_peer_way way = peer->ops->way(peer->guest);
	bool there = way == LU_PEER_THROUGH && peer->ops->listening(peer->guest);

	if (way == LU_PEER_LOST || sim_link_loses(&peer->to_guest)) {
		syn_lost(c, now_ns);
		return;
	}
	c->handshake = there ? SIM_SYN_ACK : SIM_RST;
	c->handshake_ns = now_ns + sim_link_delay(&peer->to_client);
	c->rto_ns = 0;
	c->socket = there;
	if (there) {
		c->id = peer->next_id++;
		peer->ops->arrived(peer->guest);
	}
}

static void connected(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];
	GByteArray *bytes = g_byte_array_new();

	c->handshake = SIM_NO_HANDSHAKE;
	c->up = true;
	lu_churn_connected(peer->churn, slot_of(peer, i), now_ns);
	lu_churn_request(peer->churn, slot_of(peer, i), bytes);
	sim_stream_push(&c->out, &peer->to_guest, now_ns, bytes);
}

static void shake_hands(struct lu_peer *peer, unsigned i, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[i];

	if (c->handshake == SIM_SYN)
		syn_arrives(peer, c, now_ns);
	else if (c->handshake == SIM_SYN_ACK)
		connected(peer, i, now_ns);
	else
		sim_churn_failed(peer, i, LU_CHURN_REFUSED, now_ns);
}

static void open_next(struct lu_peer *peer, int64_t now_ns)
{
	struct sim_conn *c = &peer->conns[peer->count + lu_churn_open(peer->churn)];

	sim_conn_reset(c);
	c->handshake = SIM_SYN;
	c->handshake_ns = now_ns + sim_link_delay(&peer->to_guest);
}

void sim_churn_run(struct lu_peer *peer, int64_t now_ns)
{
	for (unsigned i = peer->count; i < sim_churn_all(peer); i++) {
		if (lu_churn_expiry(peer->churn, slot_of(peer, i)) <= now_ns)
			sim_churn_failed(peer, i, LU_CHURN_TIMEOUT, now_ns);
		else if (handshake_ns(peer, &peer->conns[i]) <= now_ns)
			shake_hands(peer, i, now_ns);
	}
	while (peer->churn && lu_churn_due(peer->churn) <= now_ns)
		open_next(peer, now_ns);
}
