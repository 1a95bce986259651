/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of the service "packets" and its oracles, shared by the workloads queue and netdev,
 * which differ in the component that the packets pass through. */
#pragma once
#include "workloads/kit/packet-service.h"

/* Parameters that both have. */
#define LU_PACKET_PARAMS                                                                           \
	{"packets",                                                                                \
	 LU_PARAM_INT,                                                                             \
	 "4",                                                                                      \
	 2,                                                                                        \
	 1024,                                                                                     \
	 NULL,                                                                                     \
	 "packets per request, half over each path; it is answered once they have arrived"},       \
		{"bulk", LU_PARAM_INT, "2", 0, 16, NULL, "bulk flows over each path"},             \
		{"window",                                                                         \
		 LU_PARAM_INT,                                                                     \
		 "64",                                                                             \
		 1,                                                                                \
		 1024,                                                                             \
		 NULL,                                                                             \
		 "packets that each bulk flow keeps in flight"},                                   \
		{"size",                                                                           \
		 LU_PARAM_INT,                                                                     \
		 "1000",                                                                           \
		 64,                                                                               \
		 1400,                                                                             \
		 NULL,                                                                             \
		 "packet size without headers, bytes"},                                            \
	{                                                                                          \
		"timed_us", LU_PARAM_INT, "5000", 100, 999999, NULL,                               \
			"interval at which a thin flow over each path sends a packet, us"          \
	}

/* The names of LU_PACKET_PARAMS. */
#define LU_PACKET_NAMES "packets", "bulk", "window", "size", "timed_us"

/* As struct lu_workload says. */
uint64_t lu_packet_state_bytes(const json_t *params);

/* As struct lu_workload says; what has lu_packet_counts. */
void *lu_packet_client_new(const struct lu_counted *what, unsigned connections);
void lu_packet_client_free(void *client);
void lu_packet_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_packet_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply);
void lu_packet_reconnected(void *client, unsigned conn);
bool lu_packet_audit(void *client, struct lu_exchange *exchange);
json_t *lu_packet_report(void *client);
extern const struct lu_oracle lu_packet_oracles[];

enum { LU_PACKET_PORT = 7009 };

/* The struct lu_counted of a workload that uses that component. */
#define LU_PACKET_COUNTED(of_component)                                                            \
	{                                                                                          \
		.component = &(of_component), .letter = 'P', .counts = lu_packet_counts,           \
		.why = "packets did not arrive as they were sent", .serve = lu_packet_count,       \
	}

/* Initialisers that such a workload and its model share. */
#define LU_PACKET_WORKLOAD                                                                         \
	.program = "packets", .port = LU_PACKET_PORT, .state_bytes = lu_packet_state_bytes,        \
	.client_free = lu_packet_client_free, .request = lu_packet_request,                        \
	.reply = lu_packet_reply, .reconnected = lu_packet_reconnected, .audit = lu_packet_audit,  \
	.report = lu_packet_report, .oracles = lu_packet_oracles
#define LU_PACKET_MODEL                                                                            \
	.free = lu_packet_service_free, .serve = lu_packet_serve, .damage = lu_packet_damage,      \
	.swapped = lu_packet_swapped
