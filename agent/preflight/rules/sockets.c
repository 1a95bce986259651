/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets. CRIU: criu/sockets.c (dump_socket, dump_socket_opts), sk-inet.c (can_dump_ipproto,
 * can_dump_inet_sk: "Read queue is dropped", dump_ip_opts), sk-netlink.c (can_dump_netlink_sk),
 * soccr/soccr.c (recv_queue takes no urgent byte); no source of it names the options below or the
 * membership in a group.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "agent/file.h"
#include "agent/preflight/rules.h"
#include "agent/preflight/net-tables.h"

#define SOCKET	    "socket:["
#define DEFAULT_TTL 64

static void begin(pid_t leader, bool frozen)
{
	net_tables_read(leader);
}

static bool is_socket(const struct preflight_file *file)
{
	return file->fd >= 0 && !strncmp(file->link, SOCKET, strlen(SOCKET));
}

/* -1: it cannot be asked. */
static int option(struct preflight_file *file, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1, copy = is_socket(file) ? preflight_copy(file) : -1;

	return copy >= 0 && !getsockopt(copy, level, name, &value, &len) ? value : -1;
}

static int family_of(struct preflight_file *file)
{
	return option(file, SOL_SOCKET, SO_DOMAIN);
}

static bool is_inet(struct preflight_file *file)
{
	int family = family_of(file);

	return family == AF_INET || family == AF_INET6;
}

static bool unknown_family(struct preflight_file *file)
{
	int family = family_of(file);

	return family >= 0 && family != AF_UNIX && family != AF_INET && family != AF_INET6 &&
	       family != AF_NETLINK && family != AF_PACKET;
}

static bool unknown_protocol(struct preflight_file *file)
{
	int type, protocol;

	if (!is_inet(file))
		return false;
	type = option(file, SOL_SOCKET, SO_TYPE);
	protocol = option(file, SOL_SOCKET, SO_PROTOCOL);
	if (type == SOCK_RAW)
		return false;
	return (type != SOCK_STREAM && type != SOCK_DGRAM) ||
	       (protocol != IPPROTO_IP && protocol != IPPROTO_TCP && protocol != IPPROTO_UDP &&
		protocol != IPPROTO_UDPLITE);
}

static bool is_corked(struct preflight_file *file)
{
	return is_inet(file) && option(file, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM &&
	       option(file, SOL_UDP, UDP_CORK) > 0;
}

static bool has_urgent_data(struct preflight_file *file)
{
	return is_inet(file) && option(file, SOL_SOCKET, SO_TYPE) == SOCK_STREAM &&
	       preflight_poll(file, POLLPRI);
}

static bool netlink_unread(struct preflight_file *file)
{
	return family_of(file) == AF_NETLINK && preflight_poll(file, POLLIN);
}

static bool datagram_unread(struct preflight_file *file)
{
	return is_socket(file) &&
	       net_tables_unread(strtoull(file->link + strlen(SOCKET), NULL, 10));
}

static bool is_member(struct preflight_file *file)
{
	return is_inet(file) && option(file, SOL_SOCKET, SO_TYPE) != SOCK_STREAM &&
	       net_tables_member(preflight_copy(file));
}

/* Options that are not in a checkpoint, when they are not as a new socket has them. */
static bool has_option(struct preflight_file *file)
{
	static const struct {
		int level, name, is_new;
	} options[] = {
		{SOL_IP, IP_TOS, 0},
		{SOL_IP, IP_PKTINFO, 0},
		{SOL_IPV6, IPV6_TCLASS, 0},
		{SOL_IPV6, IPV6_RECVPKTINFO, 0},
		{SOL_SOCKET, SO_TIMESTAMP, 0},
		{SOL_TCP, TCP_USER_TIMEOUT, 0},
		{SOL_TCP, TCP_DEFER_ACCEPT, 0},
		{SOL_TCP, TCP_FASTOPEN, 0},
		{SOL_TCP, TCP_NOTSENT_LOWAT, 0},
	};

	int ttl = is_inet(file) ? option(file, SOL_IP, IP_TTL) : -1;

	if (!is_inet(file))
		return false;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (option(file, options[i].level, options[i].name) > options[i].is_new)
			return true;
	return ttl >= 0 && ttl != file_number("/proc/sys/net/ipv4/ip_default_ttl", DEFAULT_TTL);
}

const struct lu_preflight_rules lu_preflight_rules_sockets = {
	.title = "Sockets",
	.begin = begin,
	.rules =
		{
			{"socket-family", "CRIU does not know sockets of this family",
			 PREFLIGHT_REFUSED, .of_file = unknown_family},
			{"socket-protocol", "CRIU knows TCP, UDP, UDP-Lite and raw sockets only",
			 PREFLIGHT_REFUSED, .of_file = unknown_protocol},
			{"socket-corked",
			 "CRIU does not dump a datagram that is being put "
			 "together",
			 PREFLIGHT_REFUSED, .of_file = is_corked},
			{"socket-urgent", "CRIU does not dump urgent data", PREFLIGHT_REFUSED,
			 .of_file = has_urgent_data},
			{"netlink-unread", "CRIU does not dump messages that nobody has read",
			 PREFLIGHT_REFUSED, .of_file = netlink_unread},
			{"datagram-unread", "CRIU would lose the datagrams that nobody has read",
			 PREFLIGHT_LOST, true, .of_file = datagram_unread},
			{"multicast", "CRIU would lose its membership in a multicast group",
			 PREFLIGHT_LOST, .of_file = is_member},
			{"socket-options",
			 "CRIU does not restore its TOS, TTL, time-outs of TCP, "
			 "or another option that is set",
			 PREFLIGHT_CHANGED, .of_file = has_option},
			{},
		},
};
