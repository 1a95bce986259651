/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book-keeping of an open-loop load: which request is due when, on which connection, and what
 * became of it. It has neither clock nor socket: the real client (engine/) and the simulated one
 * (sim/) drive the same object, so both record the same events. Request i is intended at start +
 * i/rate, fixed beforehand (no coordinated omission), on connection i % connections; a connection's
 * replies come in the order of its requests.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "record/timeline.h"

struct lu_churn;
struct lu_workload;
struct lu_load;

struct lu_load_config {
	unsigned connections;
	double rate_hz;
	/* from the intended time; then the request is lost:"timeout"; a late reply is read (the
	 * workload learns from it) but not counted */
	int64_t timeout_ns;
	bool of_app;	     /* the version that counts is the application's, not the kernel's */
	double churn_hz;     /* connections opened and closed beside these, a second; 0: none */
	const char *service; /* whose load it is, of several; NULL: there is one; borrowed */
};

/* Borrows all pointers. client is the workload's client state (from workload->client_new). */
struct lu_load *lu_load_new(const struct lu_load_config *config, const struct lu_workload *workload,
			    void *client, struct lu_timeline *timeline);
void lu_load_free(struct lu_load *load);

void lu_load_start(struct lu_load *load, int64_t t_ns);
unsigned lu_load_connections(const struct lu_load *load);
/* The connections that come and go beside them, which begin and end with it; NULL: none. */
struct lu_churn *lu_load_churn(const struct lu_load *load);
/* Intended time of request id. */
int64_t lu_load_intended(const struct lu_load *load, uint64_t id);
/* Id of the next request that has not been taken yet. */
uint64_t lu_load_next(const struct lu_load *load);
/* Take the next request: encode it, append it to out, mark it outstanding. Returns its connection.
 * While that connection is down nothing is appended: the request waits as a user would
 * (lu_load_flush), until its timeout, when it is lost:"refused". */
unsigned lu_load_take(struct lu_load *load, int64_t t_ns, GByteArray *out);
/* Bytes from a connection: returns how many were consumed (whole replies only), -1 if the peer
 * broke the protocol (the connection must then be reset). */
ssize_t lu_load_received(struct lu_load *load, unsigned conn, const uint8_t *buf, size_t len,
			 int64_t t_ns);
/* Encode up to max requests that have been waiting for this connection; how many. Call after
 * lu_load_conn_up (all) and after lu_load_conn_try (one). */
unsigned lu_load_flush(struct lu_load *load, unsigned conn, int64_t t_ns, unsigned max,
		       GByteArray *out);
/* The connection came up / went down (reason "reset" or "refused"); everything sent
 * on it and unanswered is lost with that reason. A connection that has not been
 * reported yet takes requests. */
void lu_load_conn_up(struct lu_load *load, unsigned conn, int64_t t_ns);
void lu_load_conn_down(struct lu_load *load, unsigned conn, int64_t t_ns, const char *reason);
/* A new connection that may not reach the service yet (user networking accepts on behalf of a guest
 * that is down): it counts as up, also in the timeline, once a reply has come. If none comes,
 * lu_load_conn_retry puts what was sent on it back at the head of the waiting requests; the
 * workload is told that these were lost and encodes them again later. */
void lu_load_conn_try(struct lu_load *load, unsigned conn);
void lu_load_conn_retry(struct lu_load *load, unsigned conn);
/* Give up requests that have timed out. */
void lu_load_expire(struct lu_load *load, int64_t t_ns);
/* When lu_load_expire will have something to do, INT64_MAX: never. */
int64_t lu_load_next_expiry(const struct lu_load *load);
/* No new requests from here on. */
void lu_load_stop(struct lu_load *load);
bool lu_load_stopped(const struct lu_load *load);
/* Requests, and passing connections. */
size_t lu_load_outstanding(const struct lu_load *load);
/* Whatever is still outstanding is lost:"end". */
void lu_load_end(struct lu_load *load, int64_t t_ns);
/* For progress lines, safe from another thread: correct replies so far, and the
 * time of the last one. */
uint64_t lu_load_ok_count(struct lu_load *load, int64_t *last_ns);
/* Likewise: how many connections have received a correct reply later than that; INT64_MIN: so far. */
unsigned lu_load_proven(struct lu_load *load, int64_t since_ns);
