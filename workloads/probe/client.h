/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of workload probe: callbacks of struct lu_workload and its oracles. */
#pragma once
#include "model/workload.h"

void *lu_probe_client_new(const json_t *params, uint64_t seed, unsigned connections);
void lu_probe_client_free(void *client);
bool lu_probe_populate(void *client, struct lu_exchange *exchange);
void lu_probe_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_probe_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		       struct lu_reply *reply);
void lu_probe_reconnected(void *client, unsigned conn);
bool lu_probe_audit(void *client, struct lu_exchange *exchange);
/* {"probes": [{"name", "family", "title", "see", "was", "is", "why"?}]}: was is "ready", "missing"
 * or "unknown", is "same", "lost" or "unknown". */
json_t *lu_probe_report(void *client);
enum lu_verdict lu_probe_judge_order(void *client, char **evidence);
enum lu_verdict lu_probe_judge_probe(void *client, char **evidence);
