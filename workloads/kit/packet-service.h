/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service "packets" reports besides its counts, and the service as the simulated guest
 * runs it (docs/design/hotswap-packets.md). */
#pragma once
#include "workloads/kit/counted.h"

enum { LU_PACKET_PATHS = LU_COMPONENT_INSTANCES, LU_PACKET_CLASSES = 2, LU_PACKET_VERSIONS = 3 };

/* Latencies of the packets of one class that one version carried over one path. */
struct lu_packet_latency {
	uint64_t count, p50_ns, p99_ns, max_ns;
};

/* "L PATH CLASS VERSION COUNT P50 P99 MAX", of that path, class and version (from 1). */
bool lu_packet_parse_latency(const char *line, unsigned path, unsigned class, unsigned version,
			     struct lu_packet_latency *latency);

/* Counts of struct lu_counted, and what a request adds to them in the model. */
extern const struct lu_count lu_packet_counts[];
void lu_packet_count(const json_t *params, bool audit, uint64_t *counts);

/* As struct lu_service_model says. Damage: "lose-write" (a packet does not arrive), "duplicate"
 * (one arrives twice), "reorder" (one arrives late), "corrupt" (one is damaged), "reset-counter"
 * (the service starts over). */
void *lu_packet_service_new(const struct lu_counted *what, const json_t *params);
void lu_packet_service_free(void *service);
size_t lu_packet_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
		       const char *release, GByteArray *out);
bool lu_packet_damage(void *service, const char *kind);
void lu_packet_swapped(void *service, unsigned instance, const char *version);
