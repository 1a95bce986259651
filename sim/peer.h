/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of the simulated network: connections, what is on the wire, and the
 * retransmission timers of a peer whose packets were lost. It has no clock of its own; the guest
 * moves it from event to event.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/shape.h"
#include "model/load.h"

/* What becomes of a packet that reaches the guest now. */
enum lu_peer_way {
	LU_PEER_THROUGH, /* to a kernel whose network is up */
	LU_PEER_HELD,	 /* the machine stands still: kept, and there when it goes on */
	LU_PEER_LOST,	 /* no kernel, or one that drops it */
	LU_PEER_REFUSED, /* no machine: connections are reset at once */
};

struct lu_peer;

struct lu_peer_ops {
	enum lu_peer_way (*way)(void *guest);
	bool (*listening)(void *guest); /* a new connection would reach the service */
	int64_t (*wire)(void *guest);	/* one way, ns; drawn anew each time */
	/* Data has arrived on connection id: the guest serves it now or when the service
	 * goes on (lu_peer_inbox). */
	void (*arrived)(void *guest);
};

struct lu_peer *lu_peer_new(const struct lu_peer_ops *ops, void *guest, struct lu_load *load,
			    int64_t now_ns);
void lu_peer_free(struct lu_peer *peer);
/* The link is like that from now on, the guest's end seeded with seed + 1; NULL: perfect. */
void lu_peer_impair(struct lu_peer *peer, const struct lu_shape_config *config);
/* When something happens next; INT64_MAX: never. */
int64_t lu_peer_next(const struct lu_peer *peer);
/* Do what is due at now_ns. */
void lu_peer_run(struct lu_peer *peer, int64_t now_ns);
unsigned lu_peer_count(const struct lu_peer *peer);
/* What the guest's kernel holds for the service on connection i; the guest takes from its head. */
GByteArray *lu_peer_inbox(struct lu_peer *peer, unsigned i);
/* Number that tells this connection from all before it. */
unsigned lu_peer_id(const struct lu_peer *peer, unsigned i);
/* The service's reply on connection i, leaving the guest at now_ns. */
void lu_peer_reply(struct lu_peer *peer, unsigned i, const GByteArray *bytes, int64_t now_ns);
/* The guest's sockets are gone (now: the peers are told at once; otherwise by a reset of what they
 * send next) or, with the bytes they held, in an image; or back from it. */
void lu_peer_sockets_closed(struct lu_peer *peer, bool told, int64_t now_ns);
void lu_peer_sockets_saved(struct lu_peer *peer);
void lu_peer_sockets_restored(struct lu_peer *peer);
/* Peers retransmit now instead of at their timers. Returns how many were waiting. */
unsigned lu_peer_nudge(struct lu_peer *peer, int64_t now_ns);
