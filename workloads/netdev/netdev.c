/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netdev: numbered packets of thin and bulk flows over two pairs of Ethernet interfaces whose
 * driver can be swapped (docs/design/hotswap-packets.md). The ends of a pair are in network
 * namespaces of their own. Only the driver's ring and the CPU limit the packets.
 */
#include "workloads/kit/argv.h"
#include "workloads/kit/packet-client.h"
#include <inttypes.h>

static const char *const spoils[] = {"none", "lose", "reverse", NULL};

static const struct lu_param netdev_params[] = {
	LU_PACKET_PARAMS,
	{"moderation_us", LU_PARAM_INT, "100", 0, 100000, NULL,
	 "interrupt moderation: delay from cause to interrupt, us; packets gather in the ring "
	 "meanwhile"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "error made with the packets in a swap, to test the oracles"},
	{NULL},
};

static const char *const netdev_kmods[] = {"lu_swap", "lu_net_form", "lu_net_v1", "lu_net", NULL};

static const struct lu_component netdev_component = {
	.name = "net",
	.instances = {"lunet0", "lunet1"},
	.versions = (const char *const[]){"v1", "v2", NULL},
};

static char *netdev_kmod_params(const json_t *params, const char *kmod)
{
	if (!g_str_equal(kmod, "lu_net_form"))
		return NULL;
	return g_strdup_printf("spoil=%s moderation_us=%" PRId64, lu_param_str(params, "spoil"),
			       lu_param_int(params, "moderation_us"));
}

static char **netdev_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/packets", "--port", "7009",
					    "--path",		"netdev", NULL};
	static const char *const names[] = {LU_PACKET_NAMES, NULL};

	return lu_argv_of(params, words, names);
}

static const struct lu_counted netdev_counted = LU_PACKET_COUNTED(netdev_component);

static void *netdev_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_packet_client_new(&netdev_counted, connections);
}

static void *netdev_service_new(const json_t *params, uint64_t seed)
{
	return lu_packet_service_new(&netdev_counted, params);
}

static const struct lu_service_model netdev_model = {
	.new = netdev_service_new,
	LU_PACKET_MODEL,
};

const struct lu_workload lu_workload_netdev = {
	.name = "netdev",
	.summary = "packets over two pairs of interfaces with a swappable driver",
	.params = netdev_params,
	LU_PACKET_WORKLOAD,
	.argv = netdev_argv,
	.kmods = netdev_kmods,
	.kmod_params = netdev_kmod_params,
	.component = &netdev_component,
	.client_new = netdev_client_new,
	.model = &netdev_model,
};
