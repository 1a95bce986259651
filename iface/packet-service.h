/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service "packets" says of itself, and the service as the simulated guest runs it
 * (docs/hotswap-net.md). */
#pragma once
#include "iface/workload.h"

enum { LU_PACKET_PATHS = 2, LU_PACKET_CLASSES = 2, LU_PACKET_VERSIONS = 3 };

struct lu_packet_word {
	uint64_t requests;
	uint64_t sent, received; /* received: each once */
	uint64_t missing;	 /* overtaken by later ones; in an audit: all that never came */
	uint64_t duplicated, misordered, wrong; /* wrong: not as it was sent */
	uint64_t drops, left; /* in an audit: dropped by the component, still held by it */
	uint64_t longest_ns;  /* of a packet under way */
	uint64_t carried;     /* in an audit: packets that moves have carried over */
	const char *version[LU_PACKET_PATHS]; /* which carried the last one; interned */
};

/* Of the packets of one class that one version carried over one path. */
struct lu_packet_latency {
	uint64_t count, p50_ns, p99_ns, max_ns;
};

/* "P ID RELEASE REQUESTS SENT RECEIVED MISSING DUPLICATED MISORDERED WRONG DROPS LEFT LONGEST_NS
 * CARRIED VERSION VERSION"; release is interned. */
bool lu_packet_parse_reply(const char *line, uint64_t *id, const char **release,
			   struct lu_packet_word *word);
/* "A REQUESTS SENT …" */
bool lu_packet_parse_audit(const char *line, struct lu_packet_word *word);
/* "L PATH CLASS VERSION COUNT P50 P99 MAX", of that path, class and version (from 1). */
bool lu_packet_parse_latency(const char *line, unsigned path, unsigned class, unsigned version,
			     struct lu_packet_latency *latency);

/* Damage: "lose-write" (a packet does not come), "duplicate" (one comes twice), "reorder" (one
 * comes late), "corrupt" (one is not as it was sent), "reset-counter" (the service starts over). */
extern const struct lu_service_model lu_packet_service_model;
