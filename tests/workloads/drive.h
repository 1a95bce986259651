/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A workload's client and its model joined in memory: one request at a time, no clock. */
#pragma once
#include <stdbool.h>
#include "iface/workload.h"

struct drive {
	const struct lu_workload *workload;
	json_t *params;
	void *client, *service;
	uint64_t next;
	const char *release;
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
