/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients' network interface: address, route and neighbours (arp(7)), and its lock.
 *
 * net.up {address: "10.0.2.15", prefix: 24, gateway: "10.0.2.2", arp: {"10.0.2.2":
 *     "52:55:0a:00:02:02"}?, locked: bool?} → interface. Undone by net.down.
 * net.down {} → {}
 * net.lock {arm: bool?} → {}: no packet from outside reaches the protocol stack from here on, of
 *     one of several services none for its port; with arm only the slow part of it is done, and
 *     packets still pass. Undone by net.unlock.
 * net.unlock {} → {}: as above; of one of several services only what comes for its port passes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent/interface.h"
#include "agent/net-lock.h"
#include "agent/service.h"
#include "agent/verb.h"

static void put_address(struct sockaddr *to, in_addr_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};

	memcpy(to, &in, sizeof(in));
}

static bool add_default_route(int fd, in_addr_t gateway)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};

	put_address(&route.rt_dst, INADDR_ANY);
	put_address(&route.rt_genmask, INADDR_ANY);
	put_address(&route.rt_gateway, gateway);
	return ioctl(fd, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

/* A static neighbour saves the first packet an ARP request and its reply. */
static bool add_neighbour(int fd, const char *name, const char *ip, const char *mac)
{
	struct arpreq req = {.arp_flags = ATF_COM | ATF_PERM, .arp_ha.sa_family = ARPHRD_ETHER};
	struct ether_addr *ether = mac ? ether_aton(mac) : NULL;
	in_addr_t address = inet_addr(ip);

	if (!ether || address == INADDR_NONE) {
		errno = EINVAL;
		return false;
	}
	put_address(&req.arp_pa, address);
	memcpy(req.arp_ha.sa_data, ether, sizeof(*ether));
	snprintf(req.arp_dev, sizeof(req.arp_dev), "%s", name);
	return ioctl(fd, SIOCSARP, &req) == 0;
}

static bool add_neighbours(int fd, const char *name, json_t *arp)
{
	const char *ip;
	json_t *mac;

	json_object_foreach(arp, ip, mac) if (!add_neighbour(fd, name, ip,
							     json_string_value(mac))) return false;
	return true;
}

/* NULL or what failed, with errno. */
static const char *bring_up(int fd, const char *name, struct request *request)
{
	in_addr_t address = inet_addr(arg_str(request, "address", ""));
	in_addr_t gateway = inet_addr(arg_str(request, "gateway", ""));
	json_int_t prefix = arg_int(request, "prefix", 24);

	errno = EINVAL;
	if (address == INADDR_NONE || prefix < 1 || prefix > 32)
		return "\"address\" and \"prefix\" must be an IPv4 address and 1 to 32";
	if (!interface_set_address(name, address, prefix))
		return "cannot set the address";
	if (!interface_set_flags(name, IFF_UP | IFF_RUNNING, 0))
		return "cannot bring it up";
	if (!add_neighbours(fd, name, json_object_get(request->args, "arp")))
		return "cannot set a neighbour";
	if (gateway != INADDR_NONE && !add_default_route(fd, gateway))
		return "cannot set the default route";
	return NULL;
}

static void up(struct request *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *why = NULL;
	char name[IFNAMSIZ];

	if (!interface_find(false, name)) {
		close(fd);
		reply_error(request, "unsupported",
			    "net.up: no network interface (are its modules loaded?)");
		return;
	}
	if (arg_bool(request, "locked", false) && !net_locked(0))
		why = net_lock(name, 0);
	if (!why)
		why = bring_up(fd, name, request);
	if (why) {
		reply_error(request, "failed", "net.up: %s: %s: %s", name, why, strerror(errno));
	} else {
		net_interface_set(name);
		reply_ok(request, json_pack("{s:s}", "interface", name));
	}
	close(fd);
}

static void down(struct request *request)
{
	if (net_interface())
		interface_set_flags(net_interface(), 0, IFF_UP);
	net_interface_set(NULL);
	net_unlock(0);
	reply_ok(request, NULL);
}

/* That of one of several services; 0: all of them, and whatever else comes. */
static int port(void)
{
	return *service_name() ? service_port() : 0;
}

static void lock(struct request *request)
{
	const char *why = NULL;

	if (!net_interface())
		why = "no interface is up";
	else if (*service_name() && !service_port())
		why = "the service's port is not known (service.start, restore)";
	else if (arg_bool(request, "arm", false))
		why = net_lock_arm(net_interface());
	else if (!net_locked(port()))
		why = net_lock(net_interface(), port());
	if (why)
		reply_error(request, "failed", "net.lock: %s", why);
	else
		reply_ok(request, NULL);
}

static void unlock(struct request *request)
{
	net_unlock(port());
	reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_net = {
	"net",
	{
		{"net.up", up},
		{"net.down", down},
		{"net.lock", lock},
		{"net.unlock", unlock},
		{},
	},
};
