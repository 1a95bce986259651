/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A workload's client and its model joined in memory: one request at a time, no clock. */
#pragma once
#include <stdbool.h>
#include "model/workload.h"

struct drive {
	const struct lu_workload *workload;
	json_t *params;
	void *client, *service;
	uint64_t next;
	unsigned conns;
	const char *release;
};

/* A kind of damage; the oracle that it fails, and one that it leaves alone (NULL: not said). */
struct drive_damage {
	const char *kind, *fails, *holds;
};

/* params: JSON text. The service is populated. */
struct drive *drive_new(const struct lu_workload *workload, const char *params, unsigned conns);
void drive_free(struct drive *drive);
/* n requests, connection by connection; how many replies were correct. */
unsigned drive_requests(struct drive *drive, unsigned n, unsigned conns);
/* Like one of these, but the reply is lost: after the service served it, or before. */
void drive_lost(struct drive *drive, unsigned conn, bool served);
/* Every request of the exchange against the service; false: protocol broken. */
bool drive_audit(struct drive *drive);
enum lu_verdict drive_verdict(struct drive *drive, const char *oracle);
/* Each of those oracles, with spaces between, has that verdict. */
void drive_expect(struct drive *drive, enum lu_verdict verdict, const char *oracles);
/* A request whose reply is this line, which the client has to refuse. */
void drive_malformed(struct drive *drive, const char *line);
/* The service starts over, every connection is new, and what it says from then on is right. */
void drive_start_over(struct drive *drive);

/* What is due of every workload. Each of these takes a drive that is new, and frees it. */

/* Nothing seen is no pass for "order", nor is what was not read back for the ones in `audited`; all
 * oracles pass after an audit. */
void drive_whole(struct drive *drive, const char *audited);
/* No reply is right from the damage on, and the audit fails the oracle that it is about. */
void drive_damaged(struct drive *drive, const struct drive_damage *damage);
/* Such a line fails "order", and good replies on other connections do not make up for it. */
void drive_rejects(struct drive *drive, const char *line);
/* The model does not take a kind of damage that it does not know for done. */
void drive_knows_its_damages(struct drive *drive);
