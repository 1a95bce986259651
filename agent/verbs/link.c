/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's end of the replication network.
 *
 * link.up {} → interface, address: up, the interface found by its hardware address and the address
 *     (10.0.3.N) made from it. Undone by link.down.
 * link.down {} → {}
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include "agent/interface.h"
#include "agent/verb.h"

#define LINK_ADDRESS "10.0.3.%u"
#define LINK_PREFIX  24
/* Fits into the longest frame of the harness's fabric (16384) with its Ethernet header. */
#define LINK_MTU 16000

static bool bring_up(const char *name, const char *address)
{
	return interface_set_mtu(name, LINK_MTU) &&
	       interface_set_address(name, inet_addr(address), LINK_PREFIX) &&
	       interface_set_flags(name, IFF_UP | IFF_RUNNING, 0);
}

static void up(struct request *request)
{
	char name[IFNAMSIZ], address[INET_ADDRSTRLEN];

	if (!interface_find(true, name)) {
		reply_error(request, "unsupported",
			    "link.up: no interface of the replication network");
		return;
	}
	snprintf(address, sizeof(address), LINK_ADDRESS, interface_link_number(name));
	if (!bring_up(name, address)) {
		reply_error(request, "failed", "link.up: %s: %s", name, strerror(errno));
		return;
	}
	link_address_set(address);
	reply_ok(request, json_pack("{s:s, s:s}", "interface", name, "address", address));
}

static void down(struct request *request)
{
	char name[IFNAMSIZ];

	if (link_address() && interface_find(true, name))
		interface_set_flags(name, 0, IFF_UP);
	link_address_set(NULL);
	reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_link = {
	"link",
	{
		{"link.up", up},
		{"link.down", down},
		{},
	},
};
