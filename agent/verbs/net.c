/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's network interface: address, route and neighbours by ioctl(2) (netdevice(7), arp(7));
 * and where there is one, that of the replication network. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent/verbs.h"

/* How the replication network's interface is told from the clients'; the
 * machine's number follows. */
#define LINK_MAC     "52:54:00:12:35:"
#define LINK_ADDRESS "10.0.3.%u"
/* The most that the harness carries in a frame (16384), without Ethernet's header. */
#define LINK_MTU 16000

static char interface[IFNAMSIZ];
static char link_ip[INET_ADDRSTRLEN];

const char *net_interface(void)
{
	return interface[0] ? interface : NULL;
}

const char *link_address(void)
{
	return link_ip[0] ? link_ip : NULL;
}

static void put_address(struct sockaddr *to, in_addr_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};

	memcpy(to, &in, sizeof(in));
}

static bool set_flags(int fd, const char *name, short set, short clear)
{
	struct ifreq req = {0};

	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &req) < 0)
		return false;
	req.ifr_flags = (req.ifr_flags | set) & ~clear;
	return ioctl(fd, SIOCSIFFLAGS, &req) == 0;
}

static bool set_address(int fd, unsigned long what, const char *name, in_addr_t address)
{
	struct ifreq req = {0};

	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	put_address(&req.ifr_addr, address);
	return ioctl(fd, what, &req) == 0;
}

static bool add_default_route(int fd, in_addr_t gateway)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};

	put_address(&route.rt_dst, INADDR_ANY);
	put_address(&route.rt_genmask, INADDR_ANY);
	put_address(&route.rt_gateway, gateway);
	return ioctl(fd, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

/* A neighbour known beforehand spares the first packet a question and an answer. */
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

/* The machine's number on the replication network, 0: this is another interface. */
static unsigned link_number(const char *name)
{
	char path[300], *mac;
	unsigned number = 0;

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
	mac = file_read(path, NULL);
	if (mac && !strncmp(mac, LINK_MAC, strlen(LINK_MAC)))
		number = strtoul(mac + strlen(LINK_MAC), NULL, 16);
	free(mac);
	return number;
}

/* The first interface with hardware behind it that is, or is not, the replication network's. */
static bool find_interface(char *name, bool link)
{
	DIR *dir = opendir("/sys/class/net");
	struct dirent *entry;
	char path[300];
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", entry->d_name);
		if (entry->d_name[0] == '.' || access(path, F_OK) ||
		    link != (link_number(entry->d_name) > 0))
			continue;
		snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

void loopback_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	set_flags(fd, "lo", IFF_UP | IFF_RUNNING, 0);
	close(fd);
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
	if (!set_address(fd, SIOCSIFADDR, name, address) ||
	    !set_address(fd, SIOCSIFNETMASK, name, htonl(0xffffffffu << (32 - prefix))))
		return "cannot set the address";
	if (!set_flags(fd, name, IFF_UP | IFF_RUNNING, 0))
		return "cannot bring it up";
	if (!add_neighbours(fd, name, json_object_get(request->args, "arp")))
		return "cannot set a neighbour";
	if (gateway != INADDR_NONE && !add_default_route(fd, gateway))
		return "cannot set the default route";
	return NULL;
}

void verb_net_up(struct request *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *why = NULL;
	char name[IFNAMSIZ];

	if (!find_interface(name, false)) {
		close(fd);
		reply_error(request, "unsupported",
			    "net.up: no network interface (are its modules loaded?)");
		return;
	}
	if (arg_bool(request, "locked", false) && !net_locked())
		why = net_lock(name);
	if (!why)
		why = bring_up(fd, name, request);
	if (why) {
		reply_error(request, "failed", "net.up: %s: %s: %s", name, why, strerror(errno));
	} else {
		strcpy(interface, name);
		reply_ok(request, json_pack("{s:s}", "interface", interface));
	}
	close(fd);
}

static bool set_mtu(int fd, const char *name, int mtu)
{
	struct ifreq req = {.ifr_mtu = mtu};

	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	return ioctl(fd, SIOCSIFMTU, &req) == 0;
}

static bool bring_link_up(int fd, const char *name, const char *address)
{
	return set_mtu(fd, name, LINK_MTU) &&
	       set_address(fd, SIOCSIFADDR, name, inet_addr(address)) &&
	       set_address(fd, SIOCSIFNETMASK, name, htonl(0xffffff00u)) &&
	       set_flags(fd, name, IFF_UP | IFF_RUNNING, 0);
}

void verb_link_up(struct request *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[IFNAMSIZ], address[INET_ADDRSTRLEN];

	if (!find_interface(name, true)) {
		reply_error(request, "unsupported",
			    "link.up: no interface of the replication network");
	} else {
		snprintf(address, sizeof(address), LINK_ADDRESS, link_number(name));
		if (bring_link_up(fd, name, address)) {
			strcpy(link_ip, address);
			reply_ok(request,
				 json_pack("{s:s, s:s}", "interface", name, "address", address));
		} else {
			reply_error(request, "failed", "link.up: %s: %s", name, strerror(errno));
		}
	}
	close(fd);
}

void verb_link_down(struct request *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[IFNAMSIZ];

	if (link_ip[0] && find_interface(name, true))
		set_flags(fd, name, 0, IFF_UP);
	link_ip[0] = '\0';
	close(fd);
	reply_ok(request, NULL);
}

void verb_net_down(struct request *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (interface[0])
		set_flags(fd, interface, 0, IFF_UP);
	interface[0] = '\0';
	net_unlock();
	close(fd);
	reply_ok(request, NULL);
}

void verb_net_lock(struct request *request)
{
	const char *why = NULL;

	if (!net_interface())
		why = "no interface is up";
	else if (arg_bool(request, "arm", false))
		why = net_lock_arm(interface);
	else if (!net_locked())
		why = net_lock(interface);
	if (why)
		reply_error(request, "failed", "net.lock: %s", why);
	else
		reply_ok(request, NULL);
}

void verb_net_unlock(struct request *request)
{
	net_unlock();
	reply_ok(request, NULL);
}
