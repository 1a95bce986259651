/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book-keeping of an open-loop load: which request is due when, on which connection, what became of it.
 * No clock and no socket: the real client (engine/) and the simulated one (sim/) drive the same object, so both
 * record the same events. Request i is intended at start + i/rate, fixed beforehand (no coordinated omission), on
 * connection i % connections; a connection's replies come in the order of its requests.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "core/timeline.h"

struct lu_workload;
struct lu_load;

struct lu_load_config {
	unsigned connections;
	double rate_hz;
	int64_t timeout_ns; /* from the intended time; after it the request is lost:"timeout" (a late reply is dropped) */
};

/* Borrows all pointers. client is the workload's client state (workload->client_new). */
struct lu_load *lu_load_new(const struct lu_load_config *config, const struct lu_workload *workload,
			    void *client, struct lu_timeline *timeline);
void lu_load_free(struct lu_load *load);

void lu_load_start(struct lu_load *load, int64_t t_ns);
unsigned lu_load_connections(const struct lu_load *load);
/* Intended time of request id. */
int64_t lu_load_intended(const struct lu_load *load, uint64_t id);
/* Id of the next request nobody has taken yet. */
uint64_t lu_load_next(const struct lu_load *load);
/* Take the next request: encodes it, appends to out, notes it outstanding. Returns its connection. */
unsigned lu_load_take(struct lu_load *load, int64_t t_ns, GByteArray *out);
/* Bytes from a connection: returns how many were consumed (whole replies only), -1 if the peer broke the protocol
 * (the connection must then be reset). */
ssize_t lu_load_received(struct lu_load *load, unsigned conn, const uint8_t *buf, size_t len,
			 int64_t t_ns);
/* The connection came up / went away; everything outstanding on it is lost with that reason. */
void lu_load_conn_up(struct lu_load *load, unsigned conn, int64_t t_ns);
void lu_load_conn_down(struct lu_load *load, unsigned conn, int64_t t_ns, const char *reason);
/* Requests whose time is out. */
void lu_load_expire(struct lu_load *load, int64_t t_ns);
/* No new requests from here on. */
void lu_load_stop(struct lu_load *load);
bool lu_load_stopped(const struct lu_load *load);
size_t lu_load_outstanding(const struct lu_load *load);
/* Whatever is still outstanding is lost:"end". */
void lu_load_end(struct lu_load *load, int64_t t_ns);
/* For progress lines: safe from another thread. Correct replies so far; time of the last one. */
uint64_t lu_load_ok_count(struct lu_load *load, int64_t *last_ns);
