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
#include "model/load.h"

struct lu_client;

/*
 * Opens all connections (LU_ERROR_FAILED when one is not accepted in time), then starts the load on
 * a thread. Times are of io's clock. From here until lu_client_free the load belongs to the thread,
 * except for lu_load_ok_count.
 */
struct lu_client *lu_client_start(const struct lu_io *io, struct lu_load *load, uint16_t port,
				  GError **error);
/* No new requests; the thread ends when nothing is outstanding or drain_ns has passed, whichever is
 * first. Returns at once; a second call with less time shortens the drain. */
void lu_client_stop(struct lu_client *client, int64_t drain_ns);
/* The thread has ended: every request is answered or lost. */
bool lu_client_done(struct lu_client *client);
/* Ends the thread without a drain if it is not done, closes everything. NULL is fine. */
void lu_client_free(struct lu_client *client);
