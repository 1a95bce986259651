/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of the simulated network: connections, what is on the wire, and the
 * retransmission timers of a peer whose packets were lost. It has no clock of its own; the guest
 * advances it from event to event.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/shape.h"
#include "model/load.h"

/* Fate of a packet that reaches the guest now. */
enum lu_peer_way {
	LU_PEER_THROUGH, /* to a kernel whose network is up */
	LU_PEER_HELD,	 /* the machine is stopped: kept until it continues */
	LU_PEER_LOST,	 /* no kernel, or one that drops it */
	LU_PEER_REFUSED, /* no machine: connections are reset at once */
};

struct lu_peer;

struct lu_peer_ops {
	enum lu_peer_way (*way)(void *guest);
	bool (*listening)(void *guest); /* a new connection would reach the service */
	int64_t (*wire)(void *guest);	/* one-way delay, ns; random, drawn for each packet */
	/* Data has arrived: the guest serves it now, or
	 * when the service continues (lu_peer_inbox). */
	void (*arrived)(void *guest);
};

struct lu_peer *lu_peer_new(const struct lu_peer_ops *ops, void *guest, struct lu_load *load,
			    int64_t now_ns);
void lu_peer_free(struct lu_peer *peer);
/* Impair the link from now on, the direction to the
 * guest seeded with seed + 1; NULL: no impairment. */
void lu_peer_impair(struct lu_peer *peer, const struct lu_shape_config *config);
/* Time of the next event; INT64_MAX: none. */
int64_t lu_peer_next(const struct lu_peer *peer);
/* Run all events up to now_ns. */
void lu_peer_run(struct lu_peer *peer, int64_t now_ns);
/* Connections: those that stay, and those that pass beside them. */
unsigned lu_peer_count(const struct lu_peer *peer);
/* Bytes that the guest's kernel has queued for the service on connection i; the guest takes them
 * from the head. */
GByteArray *lu_peer_inbox(struct lu_peer *peer, unsigned i);
/* Number that identifies the current connection i among all before it. */
unsigned lu_peer_id(const struct lu_peer *peer, unsigned i);
/* The service's reply on connection i, leaving the guest at now_ns. */
void lu_peer_reply(struct lu_peer *peer, unsigned i, const GByteArray *bytes, int64_t now_ns);
/* The service accepts the connections that its kernel has. */
void lu_peer_accept(struct lu_peer *peer);
/* The guest's sockets are closed (told: peers learn of it at once, else by a reset in answer to
 * what they send next); saved with their queued bytes to a checkpoint, unless the
 * service has not accepted them; or restored from it. */
void lu_peer_sockets_closed(struct lu_peer *peer, bool told, int64_t now_ns);
void lu_peer_sockets_saved(struct lu_peer *peer);
void lu_peer_sockets_restored(struct lu_peer *peer);
/* Peers retransmit now instead of when their timers expire. Returns how many were waiting. */
unsigned lu_peer_nudge(struct lu_peer *peer, int64_t now_ns);
