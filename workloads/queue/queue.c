/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue: numbered packets of thin and bulk flows through two packet schedulers whose implementation
 * can be swapped (docs/design/hotswap-packets.md). Each is at the root of a namespace's loopback
 * interface and is limited to a rate, so that the bulk flows keep it full; how long a thin flow's
 * packets wait behind them depends on the version.
 */
#include "workloads/kit/argv.h"
#include "workloads/kit/packet-client.h"

static const char *const spoils[] = {"none", "lose", "reverse", NULL};

static const char *const backlogs[] = {"one", "each", NULL};

static const struct lu_param queue_params[] = {
	LU_PACKET_PARAMS,
	{"rate", LU_PARAM_INT, "2000000", 0, 1000000000, NULL,
	 "rate limit of each scheduler, bytes per second; 0: none"},
	{"limit", LU_PARAM_INT, "1000", 1, 30000, NULL, "queue limit of a scheduler, packets"},
	{"backlog", LU_PARAM_CHOICE, "one", 0, 0, backlogs,
	 "with several vCPUs, who takes packets off the interface behind a scheduler: one vCPU, or "
	 "each those that it has put there, which changes the order of packets"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "error made with the packets in a swap, to test the oracles"},
	{NULL},
};

static const char *const queue_kmods[] = {"lu_swap", "lu_queue_form", "lu_queue_v1", "lu_queue",
					  NULL};

static const struct lu_component queue_component = {
	.name = "queue",
	.instances = {"luq0", "luq1"},
	.versions = (const char *const[]){"v1", "v2", NULL},
};

static char *queue_kmod_params(const json_t *params, const char *kmod)
{
	if (!g_str_equal(kmod, "lu_queue_form"))
		return NULL;
	return g_strconcat("spoil=", lu_param_str(params, "spoil"), NULL);
}

static char **queue_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/packets", "--port", "7009",
					    "--path",		"queue",  NULL};
	static const char *const names[] = {LU_PACKET_NAMES, "rate", "limit", "backlog", NULL};

	return lu_argv_of(params, words, names);
}

static const struct lu_counted queue_counted = LU_PACKET_COUNTED(queue_component);

static void *queue_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_packet_client_new(&queue_counted, connections);
}

static void *queue_service_new(const json_t *params, uint64_t seed)
{
	return lu_packet_service_new(&queue_counted, params);
}

static const struct lu_service_model queue_model = {
	.new = queue_service_new,
	LU_PACKET_MODEL,
};

const struct lu_workload lu_workload_queue = {
	.name = "queue",
	.summary = "packets of thin and bulk flows through two swappable packet schedulers",
	.params = queue_params,
	LU_PACKET_WORKLOAD,
	.argv = queue_argv,
	.kmods = queue_kmods,
	.kmod_params = queue_kmod_params,
	.component = &queue_component,
	.client_new = queue_client_new,
	.model = &queue_model,
};
