/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat: many long-lived flows through two NATs whose table can be swapped
 * (docs/design/hotswap-nat.md). The service has both ends of each flow; it numbers the messages,
 * and the far end reports from which port it sees them come. A mapping that is lost breaks its
 * flow: a connection is reset, a datagram comes from another port or nowhere.
 */
#include <inttypes.h>
#include "workloads/kit/argv.h"
#include "workloads/kit/counted.h"

#define FLOW_BYTES 8192 /* generous, for the sockets of both ends */

static const char *const spoils[] = {"none", "lose",  "double", "change",
				     "port", "close", "answer", NULL};

static const struct lu_param nat_params[] = {
	{"flows", LU_PARAM_INT, "64", 4, 8192, NULL,
	 "flows through each NAT that stay open, half of them TCP, half UDP"},
	{"sources", LU_PARAM_INT, "4", 1, 64, NULL,
	 "inside addresses; they all use the same source ports"},
	{"ops", LU_PARAM_INT, "8", 2, 1024, NULL, "messages exchanged per request"},
	{"bytes", LU_PARAM_INT, "64", 64, 1400, NULL, "size of a message"},
	{"threads", LU_PARAM_INT, "1", 0, 8, NULL, "worker threads per NAT, besides the requests"},
	{"pace_us", LU_PARAM_INT, "20000", 0, 999999, NULL,
	 "pause of a worker thread after every 32 messages, us"},
	{"churn", LU_PARAM_INT, "8", 0, 1000000, NULL,
	 "batches after which it replaces a flow by a new one; 0: never"},
	{"capacity", LU_PARAM_INT, "16384", 16, 1048576, NULL, "capacity of a NAT's table, flows"},
	{"patience_ms", LU_PARAM_INT, "10000", 10, 600000, NULL,
	 "time after which a message counts as lost, ms"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "error that the service makes once, after the first swap, to test the oracles"},
	{NULL},
};

static const char *const nat_features[] = {"veth", NULL};
static const char *const nat_kmods[] = {"lu_swap", "lu_nat_v1", "lu_nat", NULL};

static const struct lu_component nat_component = {
	.name = "nat",
	.instances = {"lunat0", "lunat1"},
	.versions = (const char *const[]){"v1", "v2", NULL},
};

static char *nat_kmod_params(const json_t *params, const char *kmod)
{
	if (g_str_equal(kmod, "lu_nat"))
		return g_strdup_printf("capacity=%" PRId64, lu_param_int(params, "capacity"));
	return NULL;
}

static char **nat_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/nat", "--port", "7010", NULL};
	static const char *const names[] = {"flows",   "sources", "ops",	 "bytes", "threads",
					    "pace_us", "churn",	  "patience_ms", "spoil", NULL};

	return lu_argv_of(params, words, names);
}

static uint64_t nat_state_bytes(const json_t *params)
{
	return 2 * ((uint64_t)lu_param_int(params, "flows") * FLOW_BYTES +
		    (uint64_t)lu_param_int(params, "capacity") * 256) +
	       (8 << 20);
}

enum { REQUESTS, MESSAGES, FLOWS = 9, PACKETS = 11 };

static const struct lu_count counts[] = {
	[REQUESTS] = {"requests"},
	[MESSAGES] = {"messages"},
	{"lost", "messages", "lose-write"},
	{"duplicated", "messages", "duplicate"},
	{"missing at the far end", "messages"},
	{"repeated at the far end", "messages"},
	{"with other contents", "messages", "corrupt"},
	{"flows broken", "flows", "break-flow"},
	{"messages from a different port than before", "flows", "move-port"},
	[FLOWS] = {"flows_opened"},
	{"longest_message_ns"},
	[PACKETS] = {"packets_translated"},
	{"packets_held"},
	{},
};

/* A message and its echo are at least two packets in each direction. */
static void serve(const json_t *params, bool audit, uint64_t *of)
{
	uint64_t messages = (uint64_t)lu_param_int(params, audit ? "flows" : "ops")
			    << (audit ? 1 : 0);

	of[MESSAGES] += messages;
	of[FLOWS] = (uint64_t)lu_param_int(params, "flows") * 2;
	of[PACKETS] += messages * 2;
}

static const struct lu_counted nat_counted = {
	.component = &nat_component,
	.letter = 'N',
	.counts = counts,
	.why = "the service found errors in messages or flows",
	.serve = serve,
};

static void *nat_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_counted_client_new(&nat_counted, connections);
}

static void *nat_service_new(const json_t *params, uint64_t seed)
{
	return lu_counted_service_new(&nat_counted, params);
}

static enum lu_verdict judge_messages(void *client, char **evidence)
{
	return lu_counted_judge(client, "messages", evidence);
}

static enum lu_verdict judge_flows(void *client, char **evidence)
{
	return lu_counted_judge(client, "flows", evidence);
}

static const struct lu_oracle nat_oracles[] = {
	{"order", "each reply answers its request", false, lu_counted_judge_order},
	{"messages", "every message comes back once, in order and intact", false, judge_messages},
	{"flows", "no flow breaks, and each keeps its port from the NAT", false, judge_flows},
	{"network", "the network and its flows are not replaced by new ones", true,
	 lu_counted_judge_kept},
	{NULL},
};

static const struct lu_service_model nat_model = {
	.new = nat_service_new,
	LU_COUNTED_MODEL,
};

const struct lu_workload lu_workload_nat = {
	.name = "nat",
	.summary = "many flows through two NATs with a swappable table",
	.params = nat_params,
	.program = "nat",
	.port = 7010,
	.argv = nat_argv,
	.features = nat_features,
	.kmods = nat_kmods,
	.kmod_params = nat_kmod_params,
	.component = &nat_component,
	.state_bytes = nat_state_bytes,
	.client_new = nat_client_new,
	LU_COUNTED_WORKLOAD,
	.report = lu_counted_report,
	.oracles = nat_oracles,
	.model = &nat_model,
};
