/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real client: a thread that drives a lu_load over connections to a loopback port. It sends
 * each request at its intended time whether or not earlier ones were answered, timestamps arrivals
 * right after the read, and reopens lost connections.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "model/guest.h"
#include "model/load.h"

struct lu_client;

/* Where the service is, and how one learns whether its kernel accepted a connection when something
 * between accepts in its place. */
struct lu_client_peer {
	uint16_t port; /* of 127.0.0.1 */
	/* What became of the connection from this local port so far, and: it has been closed.
	 * Both NULL: an established connection has been accepted by the service's kernel. */
	void (*handshake)(void *data, uint16_t local_port, struct lu_handshake *seen);
	void (*closed)(void *data, uint16_t local_port);
	void *data;
};

/*
 * Opens all connections (LU_ERROR_FAILED when one is not accepted in time, LU_ERROR_UNSUPPORTED
 * when this host does not allow so many descriptors), then starts the load on
 * a thread. Times are of io's clock. From here until lu_client_free the load belongs to the thread,
 * except for lu_load_ok_count.
 */
struct lu_client *lu_client_start(const struct lu_io *io, struct lu_load *load,
				  const struct lu_client_peer *peer, GError **error);
/* No new requests; the thread ends when nothing is outstanding or drain_ns has passed, whichever is
 * first. Returns at once; a second call with less time shortens the drain. */
void lu_client_stop(struct lu_client *client, int64_t drain_ns);
/* The thread has ended: every request is answered or lost. */
bool lu_client_done(struct lu_client *client);
/* Ends the thread without a drain if it is not done, closes everything. NULL is fine. */
void lu_client_free(struct lu_client *client);
