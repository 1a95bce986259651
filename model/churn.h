/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book-keeping of churn: connections that are opened, asked one thing and closed, all through a
 * run, beside those that stay. Connection n is intended at start + n/rate, whatever became of those
 * before it. Like a load (model/load.h) it has neither clock nor socket. Each connection becomes
 * one event of the timeline when it ends: client/churn, id n, {"intended_ns", "connected_ns"
 * (unless it never was), "end": a name of lu_churn_end_name}.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

struct lu_workload;

enum {
	/* Connections at once. Each takes two descriptors, and the network of a real guest looks
	 * through all of them. */
	LU_CHURN_MOST = 2048,
	/* A second: the ports of closed connections are blocked for a minute (TIME-WAIT). */
	LU_CHURN_MOST_HZ = 400,
};

enum lu_churn_end {
	LU_CHURN_ANSWERED,
	LU_CHURN_WRONG,	     /* answered, but not correctly */
	LU_CHURN_REFUSED,    /* by a reset in place of a connection */
	LU_CHURN_RESET,	     /* connected, then closed or reset without a reply */
	LU_CHURN_TIMEOUT,    /* not answered in time after its intended time */
	LU_CHURN_UNFINISHED, /* the run ended first */
	LU_CHURN_HOST,	     /* not attempted: the client's host had no socket for it */
	LU_CHURN_ENDS
};

/* "answered", "wrong", "refused", "reset", "timeout", "unfinished", "host". */
const char *lu_churn_end_name(enum lu_churn_end end);

struct lu_churn_config {
	double rate_hz;
	int64_t timeout_ns;  /* from the intended time to the whole reply */
	unsigned first_conn; /* the workload's number of slot 0: the others stay open */
	const char *service; /* of several; NULL: there is one; borrowed */
};

struct lu_churn;

/* How many connections there may be at once: slots. */
unsigned lu_churn_slots(double rate_hz, int64_t timeout_ns);
/* Borrows all pointers; the workload's client accepts that many passing connections (its
 * callback churn). */
struct lu_churn *lu_churn_new(const struct lu_churn_config *config,
			      const struct lu_workload *workload, void *client,
			      struct lu_timeline *timeline);
void lu_churn_free(struct lu_churn *churn);
void lu_churn_start(struct lu_churn *churn, int64_t t_ns);
/* Intended time of the next connection; INT64_MAX: there is none any more. */
int64_t lu_churn_due(const struct lu_churn *churn);
/* Open the next one: its slot, the lowest that is free. Those that have expired by now must have
 * been ended before. */
unsigned lu_churn_open(struct lu_churn *churn);
/* Its slots. */
unsigned lu_churn_most(const struct lu_churn *churn);
/* Slots below this one have been used. */
unsigned lu_churn_used(const struct lu_churn *churn);
/* When the connection in that slot is out of time; INT64_MAX: the slot is free. */
int64_t lu_churn_expiry(const struct lu_churn *churn, unsigned slot);
/* The service's kernel accepted it then; only the first call counts. */
void lu_churn_connected(struct lu_churn *churn, unsigned slot, int64_t t_ns);
/* Append its request, once. */
void lu_churn_request(struct lu_churn *churn, unsigned slot, GByteArray *out);
/* Bytes from it, all so far: true when it has ended by them and is to be closed. */
bool lu_churn_received(struct lu_churn *churn, unsigned slot, const uint8_t *buf, size_t len,
		       int64_t t_ns);
/* It has ended without a reply. A reset of what was never connected is a refusal. */
void lu_churn_failed(struct lu_churn *churn, unsigned slot, enum lu_churn_end end, int64_t t_ns);
/* No new connections from here on. */
void lu_churn_stop(struct lu_churn *churn);
/* Connections that are open. */
unsigned lu_churn_outstanding(const struct lu_churn *churn);
/* Whatever is open has ended as unfinished. */
void lu_churn_end(struct lu_churn *churn, int64_t t_ns);
