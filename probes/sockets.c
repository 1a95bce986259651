/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets other than TCP: unix(7), udp(7), netlink(7), packet(7), raw(7). CRIU has images of each
 * (unix-sk, inet-sk, netlink-sk, packet-sk) and of what is queued in Unix sockets (sk-queues).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define BYTES 1000

static int ends[2], other[2];
static char bytes[BYTES];
static struct sockaddr_storage address;
static socklen_t length;

static void put(int fd, size_t n, uint64_t seed)
{
	probe_fill(bytes, n, seed);
	probe_same("bytes sent", probe_must(send(fd, bytes, n, MSG_NOSIGNAL), "send"),
		   (long long)n);
}

static void expect(int fd, size_t n, uint64_t seed)
{
	ssize_t got = recv(fd, bytes, n, MSG_DONTWAIT);

	if (got < 0)
		probe_lost("recv: %s", strerror(errno));
	probe_same("bytes received", got, (long long)n);
	probe_filled("what was received", bytes, n, seed);
}

static void unix_set_up(const struct lu_probe *probe)
{
	probe_must(socketpair(AF_UNIX, (int)probe->arg, 0, ends), "socketpair");
	put(ends[0], 100, 1);
	put(ends[0], 200, 2);
}

static void unix_verify(const struct lu_probe *probe)
{
	expect(ends[1], 100, 1);
	expect(ends[1], 200, 2);
	put(ends[1], 300, 3);
	expect(ends[0], 300, 3);
}

static void unix_spoil(const struct lu_probe *probe)
{
	probe_must(recv(ends[1], bytes, 1, 0), "recv");
}

/* A descriptor that only a message in a queue holds. */
static void rights_set_up(const struct lu_probe *probe)
{
	char room[CMSG_SPACE(sizeof(int))] = {0}, byte = 'f';
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = sizeof(room)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	probe_must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	probe_must(pipe(other), "pipe");
	probe_must(write(other[1], "in flight", 9), "write");
	if (!head)
		probe_lost("no room");
	*head = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(head), &other[0], sizeof(int));
	probe_must(sendmsg(ends[0], &message, 0), "sendmsg");
	close(other[0]);
}

static void rights_verify(const struct lu_probe *probe)
{
	char room[CMSG_SPACE(sizeof(int))], byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = sizeof(room)};
	struct cmsghdr *head;
	int fd;

	probe_same("bytes of the message", recvmsg(ends[1], &message, MSG_DONTWAIT), 1);
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		probe_lost("no descriptor came with it");
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	probe_same("bytes in its pipe", read(fd, bytes, sizeof(bytes)), 9);
	probe_same_bytes("they", bytes, "in flight", 9);
}

static void name_of(const struct lu_probe *probe, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	/* a name that is no file is the whole host's, and no other run's there */
	if (probe->word)
		snprintf(at->sun_path + 1, sizeof(at->sun_path) - 1, "%s-%d", probe->word,
			 (int)getpid());
	else
		snprintf(at->sun_path, sizeof(at->sun_path), "%s", probe_disk("socket"));
}

static int reach(const struct sockaddr_un *at)
{
	int fd = (int)probe_must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

	probe_must(connect(fd, (const void *)at, sizeof(*at)), "connect");
	return fd;
}

/* Named by a file or not at all, with a connection that nobody has accepted yet. */
static void named_set_up(const struct lu_probe *probe)
{
	struct sockaddr_un at;

	name_of(probe, &at);
	if (!probe->word)
		unlink(at.sun_path);
	ends[0] = (int)probe_must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	probe_must(bind(ends[0], (void *)&at, sizeof(at)), "bind");
	probe_must(listen(ends[0], 5), "listen");
	if (!probe->arg)
		return;
	ends[1] = reach(&at);
	put(ends[1], 100, 4);
}

static void named_verify(const struct lu_probe *probe)
{
	struct sockaddr_un at;

	name_of(probe, &at);
	if (!probe->arg) {
		ends[1] = reach(&at);
		put(ends[1], 100, 4);
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	other[0] = (int)probe_must(accept(ends[0], NULL, NULL), "accept");
	expect(other[0], 100, 4);
}

/* Credentials of the peer, as they were when it connected. */
static void peer_set_up(const struct lu_probe *probe)
{
	probe_must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	probe_must(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)),
		   "SO_PASSCRED");
}

static void peer_verify(const struct lu_probe *probe)
{
	struct ucred peer = {0};
	socklen_t n = sizeof(peer);
	int on = 0;

	probe_must(getsockopt(ends[0], SOL_SOCKET, SO_PEERCRED, &peer, &n), "SO_PEERCRED");
	probe_same("its peer's pid", peer.pid, getpid());
	n = sizeof(on);
	probe_must(getsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, &n), "SO_PASSCRED");
	probe_same("SO_PASSCRED", on, 1);
}

static int udp(int family)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool is_six = family == AF_INET6;
	int fd = (int)probe_must(socket(family, SOCK_DGRAM, 0), "socket");

	probe_must(bind(fd, is_six ? (void *)&six : (void *)&four,
			is_six ? sizeof(six) : sizeof(four)),
		   "bind");
	length = sizeof(address);
	probe_must(getsockname(fd, (void *)&address, &length), "getsockname");
	return fd;
}

static void udp_set_up(const struct lu_probe *probe)
{
	ends[0] = udp((int)probe->arg);
	ends[1] = (int)probe_must(socket((int)probe->arg, SOCK_DGRAM, 0), "socket");
	probe_must(connect(ends[1], (void *)&address, length), "connect");
	probe_must(setsockopt(ends[1], SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int)),
		   "SO_BROADCAST");
	if (probe->other)
		put(ends[1], 500, 5);
}

static void udp_verify(const struct lu_probe *probe)
{
	if (!probe->other)
		put(ends[1], 500, 5);
	probe_sleep_ms(20);
	expect(ends[0], 500, 5);
}

static in_addr_t group_address;

/* The interface is in it for the whole host, so no other run's: 239.1 and the pid. */
static void multicast_set_up(const struct lu_probe *probe)
{
	struct ip_mreqn group = {.imr_ifindex = (int)if_nametoindex("lo")};

	group_address = htonl(0xef010000 | ((uint32_t)getpid() & 0xffff));
	group.imr_multiaddr.s_addr = group_address;
	ends[0] = udp(AF_INET);
	probe_must(setsockopt(ends[0], IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)),
		   "IP_ADD_MEMBERSHIP");
}

/* The table of groups prints it as it is in memory. */
static void multicast_verify(const struct lu_probe *probe)
{
	char text[8192], group[16];

	snprintf(group, sizeof(group), "%08X", group_address);
	probe_read_file("/proc/net/igmp", text, sizeof(text));
	probe_check(strstr(text, group) != NULL, "the interface is in no such group");
}

static void netlink_set_up(const struct lu_probe *probe)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	ends[0] = (int)probe_must(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "socket");
	probe_must(bind(ends[0], (void *)&at, sizeof(at)), "bind");
	length = sizeof(address);
	probe_must(getsockname(ends[0], (void *)&address, &length), "getsockname");
}

static void netlink_verify(const struct lu_probe *probe)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg body;
	} ask = {{sizeof(ask), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {AF_UNSPEC}};
	struct sockaddr_storage is = {0};
	socklen_t n = sizeof(is);

	probe_must(getsockname(ends[0], (void *)&is, &n), "getsockname");
	probe_same_bytes("its address", &is, &address, length);
	probe_must(send(ends[0], &ask, sizeof(ask), 0), "send");
	probe_check(recv(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0, "it is not answered");
}

static void packet_set_up(const struct lu_probe *probe)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex("lo")};

	ends[0] = (int)probe_must(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), "socket");
	probe_must(bind(ends[0], (void *)&at, sizeof(at)), "bind");
}

static void send_one(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(9),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = (int)probe_must(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	probe_must(sendto(fd, "x", 1, 0, (void *)&at, sizeof(at)), "sendto");
	close(fd);
	probe_sleep_ms(20);
}

static void packet_verify(const struct lu_probe *probe)
{
	while (recv(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	send_one();
	probe_check(recv(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0, "it sees no packet");
}

static void raw_set_up(const struct lu_probe *probe)
{
	ends[0] = (int)probe_must(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), "socket");
}

const struct lu_probes lu_probes_sockets = {
	"Other sockets",
	{
		{"unix-stream", "Unix stream pair with data", "unix(7)", 0, unix_set_up,
		 unix_verify, unix_spoil, .arg = SOCK_STREAM},
		{"unix-dgram", "Unix datagram pair with data", "unix(7)", 0, unix_set_up,
		 unix_verify, unix_spoil, .arg = SOCK_DGRAM},
		{"unix-seqpacket", "Unix packet pair with data", "unix(7)", 0, unix_set_up,
		 unix_verify, unix_spoil, .arg = SOCK_SEQPACKET},
		{"unix-rights", "descriptor in flight in a Unix socket", "unix(7): SCM_RIGHTS", 0,
		 rights_set_up, rights_verify},
		{"unix-listen", "Unix socket that listens, in a folder", "unix(7)", PROBE_DISK,
		 named_set_up, named_verify},
		{"unix-abstract", "Unix socket that listens, without a file", "unix(7): abstract",
		 0, named_set_up, named_verify, .word = "lubench-probe"},
		{"unix-backlog", "Unix connection that nobody has accepted", "unix(7)", 0,
		 named_set_up, named_verify, .word = "lubench-probe-backlog", .arg = 1},
		{"unix-credentials", "credentials of a Unix socket's peer", "unix(7): SO_PEERCRED",
		 0, peer_set_up, peer_verify},
		{"udp", "connected UDP", "udp(7)", 0, udp_set_up, udp_verify, .arg = AF_INET},
		{"udp-ipv6", "connected UDP, IPv6", "udp(7), ipv6(7)", 0, udp_set_up, udp_verify,
		 .arg = AF_INET6, .lacks = "CONFIG_IPV6, and ::1"},
		{"udp-unread", "UDP with an unread datagram", "udp(7)", 0, udp_set_up, udp_verify,
		 .arg = AF_INET, .other = 1},
		{"udp-multicast", "member of a multicast group", "ip(7): IP_ADD_MEMBERSHIP", 0,
		 multicast_set_up, multicast_verify},
		{"netlink", "netlink socket in a group", "netlink(7)", 0, netlink_set_up,
		 netlink_verify},
		{"packet", "packet socket", "packet(7)", 0, packet_set_up, packet_verify,
		 .lacks = "CONFIG_PACKET, or its module"},
		{"raw", "raw socket", "raw(7)", 0, raw_set_up, packet_verify},
		{},
	},
};
