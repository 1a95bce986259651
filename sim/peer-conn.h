/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of the simulated clients; private to sim/peer*.c. */
#pragma once
#include "model/churn.h"
#include "sim/peer.h"
#include "sim/stream.h"

#define SECOND	G_GINT64_CONSTANT(1000000000)
#define RTO_MAX (64 * SECOND)

struct sim_conn {
	bool up;     /* as the client sees it */
	bool socket; /* open in the guest's kernel */
	bool saved;  /* in the checkpoint */
	unsigned id;
	struct sim_stream out, back; /* to the guest, to the client */
	GByteArray *inbox, *received;
	bool accepted; /* by the service, not only by its kernel */
	enum sim_handshake { SIM_NO_HANDSHAKE, SIM_SYN, SIM_SYN_ACK, SIM_RST } handshake;
	int64_t handshake_ns;			/* when that segment arrives */
	int64_t rto_ns;				/* 0: nothing lost */
	int64_t retry_ns, reset_ns, connect_ns; /* INT64_MAX: not set */
};

struct lu_peer {
	const struct lu_peer_ops *ops;
	void *guest;
	struct lu_load *load;
	struct sim_conn *conns; /* those that stay, then those that pass, by slot */
	struct lu_churn *churn; /* NULL: none pass */
	unsigned count;		/* that stay */
	unsigned allocated;	/* of all */
	unsigned next_id;
	struct sim_link to_guest, to_client;
	/* No request times out before this. To ask the load costs a walk over all outstanding
	 * requests, and replies only move the time back, so it is asked again only when this time
	 * has come. */
	int64_t expiry_ns;
};

/* A connection that neither end has: its queues are emptied. */
void sim_conn_reset(struct sim_conn *c);
/* The next timeout of a sender whose last one was rto_ns (0: it had none). */
int64_t sim_conn_backoff(int64_t rto_ns);

/* All connections of a new peer, and whether some pass (model/churn.h). */
void sim_churn_new(struct lu_peer *peer);
/* How many entries of conns, from the first on, may be in use. */
unsigned sim_churn_all(const struct lu_peer *peer);
bool sim_churn_passes(const struct lu_peer *peer, unsigned i);
/* The next event that only passing connections have. */
int64_t sim_churn_next(const struct lu_peer *peer);
/* Those events up to now_ns. */
void sim_churn_run(struct lu_peer *peer, int64_t now_ns);
/* Bytes have come on connection i, which passes; it may have ended by them. */
void sim_churn_received(struct lu_peer *peer, unsigned i, int64_t now_ns);
/* Connection i, which passes, has ended so. */
void sim_churn_failed(struct lu_peer *peer, unsigned i, enum lu_churn_end end, int64_t now_ns);
