/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/preflight/net-tables.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "agent/file.h"

#define GROUPS_MAX 64

struct group {
	unsigned interface;
	struct sockaddr_storage address;
};

static struct {
	uint64_t *unread; /* inode numbers */
	size_t unread_n;
	struct group groups[GROUPS_MAX];
	size_t group_n;
} tables;

/* Calls each() for every line of that table, as far as there is one. */
static void each_line(pid_t pid, const char *name, void (*each)(const char *line))
{
	char path[64], *text, *save, *line;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, name);
	text = file_read(path, NULL);
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		each(line);
	free(text);
}

/* "1: 0100007F:1B57 00000000:0000 07 TX:RX 00:00000000 RETRANSMITS UID TIMEOUT INODE …" */
static void add_datagrams(const char *line)
{
	uint64_t inode, *more;
	unsigned bytes;

	/* NOLINTNEXTLINE(cert-err34-c): numbers as the kernel prints them */
	if (sscanf(line,
		   " %*u: %*[0-9A-F]:%*x %*[0-9A-F]:%*x %*x %*x:%x %*x:%*x %*x %*u %*d %" SCNu64,
		   &bytes, &inode) != 2 ||
	    !bytes)
		return;
	more = reallocarray(tables.unread, tables.unread_n + 1, sizeof(*more));
	if (!more)
		return;
	tables.unread = more;
	more[tables.unread_n++] = inode;
}

static struct group *next_group(unsigned interface)
{
	static struct group none;
	struct group *group =
		tables.group_n < GROUPS_MAX ? &tables.groups[tables.group_n++] : &none;

	*group = (struct group){.interface = interface};
	return group;
}

/* "2  eth0 : 1 V3", and then its groups: "    010000E0  1 0:00000000 0" */
static void add_group(const char *line)
{
	static unsigned interface;
	struct sockaddr_in *address;
	unsigned long word;
	char *end;

	if (*line >= '0' && *line <= '9') {
		interface = (unsigned)strtoul(line, NULL, 10);
		return;
	}
	word = strtoul(line, &end, 16);
	if (end == line || !word)
		return;
	address = (struct sockaddr_in *)&next_group(interface)->address;
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = (in_addr_t)word;
}

/* "2  eth0  ff020000000000000000000000000001  1 0000000C 0" */
static void add_group6(const char *line)
{
	struct sockaddr_in6 *address;
	unsigned interface;
	char digits[33];

	/* NOLINTNEXTLINE(cert-err34-c): numbers as the kernel prints them */
	if (sscanf(line, "%u %*s %32[0-9a-f]", &interface, digits) != 2 || strlen(digits) != 32)
		return;
	address = (struct sockaddr_in6 *)&next_group(interface)->address;
	address->sin6_family = AF_INET6;
	for (size_t i = 0; i < 16; i++) {
		char byte[3] = {digits[2 * i], digits[2 * i + 1]};

		address->sin6_addr.s6_addr[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

void net_tables_read(pid_t pid)
{
	static const char *const datagrams[] = {"udp",	    "udp6", "udplite",
						"udplite6", "raw",  "raw6"};

	tables.unread_n = tables.group_n = 0;
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++)
		each_line(pid, datagrams[i], add_datagrams);
	each_line(pid, "igmp", add_group);
	each_line(pid, "igmp6", add_group6);
}

bool net_tables_unread(uint64_t inode)
{
	for (size_t i = 0; i < tables.unread_n; i++)
		if (tables.unread[i] == inode)
			return true;
	return false;
}

/* The kernel knows a filter of each group that the socket is in (RFC 3678). */
bool net_tables_member(int fd)
{
	for (size_t i = 0; fd >= 0 && i < tables.group_n; i++) {
		const struct group *group = &tables.groups[i];
		struct group_filter filter = {
			.gf_interface = group->interface,
			.gf_group = group->address,
		};
		socklen_t len = sizeof(filter);
		int level = group->address.ss_family == AF_INET ? SOL_IP : SOL_IPV6;

		if (!getsockopt(fd, level, MCAST_MSFILTER, &filter, &len))
			return true;
	}
	return false;
}
