/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/interface.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent/file.h"

/* Prefix of the hardware address that marks the replication network's interface; the machine's
 * number follows. */
#define LINK_MAC "52:54:00:12:35:"

static char clients[IFNAMSIZ];
static char link_ip[INET_ADDRSTRLEN];

const char *net_interface(void)
{
	return clients[0] ? clients : NULL;
}

void net_interface_set(const char *name)
{
	snprintf(clients, sizeof(clients), "%s", name ? name : "");
}

const char *link_address(void)
{
	return link_ip[0] ? link_ip : NULL;
}

void link_address_set(const char *address)
{
	snprintf(link_ip, sizeof(link_ip), "%s", address ? address : "");
}

/* One ioctl for an interface, on a socket of its own. */
static bool control(unsigned long what, const char *name, struct ifreq *req)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	snprintf(req->ifr_name, IFNAMSIZ, "%s", name);
	ok = ioctl(fd, what, req) == 0;
	close(fd);
	return ok;
}

bool interface_set_flags(const char *name, short set, short clear)
{
	struct ifreq req = {0};

	if (!control(SIOCGIFFLAGS, name, &req))
		return false;
	req.ifr_flags = (req.ifr_flags | set) & ~clear;
	return control(SIOCSIFFLAGS, name, &req);
}

static bool set_address(unsigned long what, const char *name, in_addr_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
	struct ifreq req = {0};

	memcpy(&req.ifr_addr, &in, sizeof(in));
	return control(what, name, &req);
}

bool interface_set_address(const char *name, in_addr_t address, unsigned prefix)
{
	return set_address(SIOCSIFADDR, name, address) &&
	       set_address(SIOCSIFNETMASK, name, htonl(0xffffffffu << (32 - prefix)));
}

bool interface_set_mtu(const char *name, int mtu)
{
	struct ifreq req = {.ifr_mtu = mtu};

	return control(SIOCSIFMTU, name, &req);
}

void loopback_up(void)
{
	interface_set_flags("lo", IFF_UP | IFF_RUNNING, 0);
}

unsigned interface_link_number(const char *name)
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

bool interface_find(bool link, char *name)
{
	DIR *dir = opendir("/sys/class/net");
	struct dirent *entry;
	char path[300];
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", entry->d_name);
		if (entry->d_name[0] == '.' || access(path, F_OK) ||
		    link != (interface_link_number(entry->d_name) > 0))
			continue;
		snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}
