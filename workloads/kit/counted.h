/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services that work on a component of the guest's kernel and count themselves what they find out:
 * each reply carries all counts, and the version that each instance has. Here are the client for
 * such a service and the service as the simulated guest runs it; a workload adds a table of its
 * counts.
 *
 *     LETTER ID        →  LETTER ID RELEASE COUNTS VERSION VERSION
 *     A                →  A COUNTS VERSION VERSION
 */
#pragma once
#include "model/workload.h"

enum { LU_COUNTED_MOST = 24 };

struct lu_count {
	const char *name; /* a word of evidence; without an oracle also the figure's in a result */
	const char *oracle; /* whose it is: it has to stay 0 */
	const char *damage; /* of the model: makes it 1 */
};

struct lu_counted {
	const struct lu_component *component;
	char letter;
	const struct lu_count *counts; /* the first is the service's requests; ends with {} */
	const char *why;	       /* a reply is wrong whose counts are not clean */
	/* The model's: what a request or an audit adds to counts. */
	void (*serve)(const json_t *params, bool audit, uint64_t *counts);
};

void *lu_counted_client_new(const struct lu_counted *what, unsigned connections);
/* As struct lu_workload says. */
void lu_counted_client_free(void *client);
void lu_counted_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_counted_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply);
void lu_counted_reconnected(void *client, unsigned conn);
bool lu_counted_audit(void *client, struct lu_exchange *exchange);
/* Every count that is no oracle's, and versions_seen. */
json_t *lu_counted_report(void *client);

/* Of an oracle of that name: its counts are 0, of all services there were,
 * and the audit was made. */
enum lu_verdict lu_counted_judge(void *client, const char *oracle, char **evidence);
/* Each reply answers its request. */
enum lu_verdict lu_counted_judge_order(void *client, char **evidence);
/* The service has not started over. */
enum lu_verdict lu_counted_judge_kept(void *client, char **evidence);

/* As struct lu_service_model says; beside the table's damage "reset-counter": it starts over. */
void *lu_counted_service_new(const struct lu_counted *what, const json_t *params);
void lu_counted_service_free(void *service);
size_t lu_counted_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *reply);
bool lu_counted_damage(void *service, const char *kind);
void lu_counted_swapped(void *service, unsigned instance, const char *version);

/* What such a workload and its model have from here, but for the report. */
#define LU_COUNTED_WORKLOAD                                                                        \
	.client_free = lu_counted_client_free, .request = lu_counted_request,                      \
	.reply = lu_counted_reply, .reconnected = lu_counted_reconnected,                          \
	.audit = lu_counted_audit
#define LU_COUNTED_MODEL                                                                           \
	.free = lu_counted_service_free, .serve = lu_counted_serve, .damage = lu_counted_damage,   \
	.moved = lu_counted_swapped
