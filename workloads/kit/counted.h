/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services that use a component of the guest's kernel and count their own findings: each reply
 * carries all counts, and the version of each instance. This is the client for such a service and
 * the service as the simulated guest runs it; a workload adds a table of its counts.
 *
 *     LETTER ID        →  LETTER ID RELEASE COUNTS VERSION VERSION
 *     A                →  A COUNTS VERSION VERSION
 */
#pragma once
#include "model/workload.h"

enum { LU_COUNTED_MOST = 24 };

struct lu_count {
	/* its name in evidence; without an oracle also that of the figure in a result */
	const char *name;
	const char *oracle; /* the oracle that requires it to stay 0 */
	const char *damage; /* damage to the model that makes it 1 */
};

struct lu_counted {
	const struct lu_component *component;
	char letter;
	const struct lu_count *counts; /* the first is the service's requests; ends with {} */
	const char *why;	       /* why a reply is wrong if such a count is not 0 */
	/* The model: what a request or an audit adds to counts. */
	void (*serve)(const json_t *params, bool audit, uint64_t *counts);
};

void *lu_counted_client_new(const struct lu_counted *what, unsigned connections);
/* Callbacks of struct lu_workload. */
void lu_counted_client_free(void *client);
void lu_counted_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_counted_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply);
void lu_counted_reconnected(void *client, unsigned conn);
bool lu_counted_audit(void *client, struct lu_exchange *exchange);
/* Every count without an oracle, and versions_seen. */
json_t *lu_counted_report(void *client);

/* Verdict of an oracle of that name: its counts are 0, over all services,
 * and the audit was made. */
enum lu_verdict lu_counted_judge(void *client, const char *oracle, char **evidence);
/* Each reply answers its request. */
enum lu_verdict lu_counted_judge_order(void *client, char **evidence);
/* The service has not started over. */
enum lu_verdict lu_counted_judge_kept(void *client, char **evidence);

/* Callbacks of struct lu_service_model; damage: those of the table, and
 * "reset-counter" (it starts over). */
void *lu_counted_service_new(const struct lu_counted *what, const json_t *params);
void lu_counted_service_free(void *service);
size_t lu_counted_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *reply);
bool lu_counted_damage(void *service, const char *kind);
void lu_counted_swapped(void *service, unsigned instance, const char *version);

/* Initialisers that such a workload and its model share, except for the report. */
#define LU_COUNTED_WORKLOAD                                                                        \
	.client_free = lu_counted_client_free, .request = lu_counted_request,                      \
	.reply = lu_counted_reply, .reconnected = lu_counted_reconnected,                          \
	.audit = lu_counted_audit
#define LU_COUNTED_MODEL                                                                           \
	.free = lu_counted_service_free, .serve = lu_counted_serve, .damage = lu_counted_damage,   \
	.swapped = lu_counted_swapped
