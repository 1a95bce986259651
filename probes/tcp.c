/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP: tcp(7), socket(7). Both ends of each connection are in this process, on the loopback
 * interface, so that both are carried. CRIU restores a connection by TCP_REPAIR (inet-sk and
 * tcp-stream images): queues, sequence numbers and options; criu(8): --tcp-established,
 * --tcp-close.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define WAITING 5 /* connections in a backlog */
#define BYTES	3000
#define MANY	(1 << 21)

static int listener, client, server, waiting[WAITING];
static struct sockaddr_storage address;
static socklen_t length;
static char bytes[MANY];

/* Of that family: AF_INET or AF_INET6. */
static void listen_on(int family, int backlog)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool is_six = family == AF_INET6;

	listener = (int)probe_must(socket(family, SOCK_STREAM, 0), "socket");
	probe_must(bind(listener, is_six ? (void *)&six : (void *)&four,
			is_six ? sizeof(six) : sizeof(four)),
		   "bind");
	probe_must(listen(listener, backlog), "listen");
	length = sizeof(address);
	probe_must(getsockname(listener, (void *)&address, &length), "getsockname");
}

static int connect_to(void)
{
	int fd = (int)probe_must(socket(address.ss_family, SOCK_STREAM, 0), "socket");

	probe_must(connect(fd, (void *)&address, length), "connect");
	return fd;
}

static int accept_one(void)
{
	return (int)probe_must(accept(listener, NULL, NULL), "accept");
}

static void pair(int family)
{
	listen_on(family, 5);
	client = connect_to();
	server = accept_one();
	close(listener);
}

static void put(int fd, size_t n, uint64_t seed)
{
	probe_fill(bytes, n, seed);
	probe_same("bytes sent", probe_must(send(fd, bytes, n, MSG_NOSIGNAL), "send"),
		   (long long)n);
}

static bool readable(void *data)
{
	struct pollfd one = {.fd = *(int *)data, .events = POLLIN};

	return poll(&one, 1, 0) > 0;
}

static void expect(int fd, size_t n, uint64_t seed)
{
	size_t fill = 0;

	while (fill < n) {
		ssize_t got;

		if (!probe_until(readable, &fd))
			probe_lost("%zu bytes have come, and no more of %zu", fill, n);
		got = probe_must(recv(fd, bytes + fill, n - fill, 0), "recv");
		if (got == 0)
			probe_lost("end of file after %zu bytes of %zu", fill, n);
		fill += (size_t)got;
	}
	probe_filled("what was received", bytes, n, seed);
}

static void talk(void)
{
	put(client, BYTES, 21);
	expect(server, BYTES, 21);
	put(server, BYTES, 22);
	expect(client, BYTES, 22);
}

static void idle_set_up(const struct lu_probe *probe)
{
	pair((int)probe->arg);
	talk();
}

static void idle_verify(const struct lu_probe *probe)
{
	talk();
}

static void unread_set_up(const struct lu_probe *probe)
{
	pair(AF_INET);
	put(client, BYTES, 23);
	probe_sleep_ms(20);
}

static void unread_verify(const struct lu_probe *probe)
{
	expect(server, BYTES, 23);
	talk();
}

static void unread_spoil(const struct lu_probe *probe)
{
	probe_must(recv(server, bytes, 1, 0), "recv");
}

/* More than the other one's window: the rest waits in the sender's queue. */
static size_t sent;

static void unsent_set_up(const struct lu_probe *probe)
{
	int small = 4096;
	ssize_t n;

	listen_on(AF_INET, 5);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	client = connect_to();
	server = accept_one();
	close(listener);
	probe_fill(bytes, MANY, 24);
	fcntl(client, F_SETFL, O_NONBLOCK);
	while (sent < MANY && (n = send(client, bytes + sent, MANY - sent, MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	probe_sleep_ms(50);
}

static void unsent_verify(const struct lu_probe *probe)
{
	expect(server, sent, 24);
	fcntl(client, F_SETFL, 0);
	talk();
}

static void half_set_up(const struct lu_probe *probe)
{
	pair(AF_INET);
	put(client, BYTES, 25);
	probe_must(shutdown(client, SHUT_WR), "shutdown");
	probe_sleep_ms(20);
}

static void half_verify(const struct lu_probe *probe)
{
	char byte;

	expect(server, BYTES, 25);
	probe_same("end of file", recv(server, &byte, 1, 0), 0);
	put(server, BYTES, 26);
	expect(client, BYTES, 26);
	probe_check(send(client, "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE,
		    "a half that was shut takes a byte");
}

static void urgent_set_up(const struct lu_probe *probe)
{
	pair(AF_INET);
	put(client, 100, 27);
	probe_must(send(client, "!", 1, MSG_OOB | MSG_NOSIGNAL), "MSG_OOB");
	probe_sleep_ms(20);
}

static void urgent_verify(const struct lu_probe *probe)
{
	char byte = 0;

	probe_same("the urgent byte", recv(server, &byte, 1, MSG_OOB), 1);
	probe_same("it", byte, '!');
	expect(server, 100, 27);
}

static void set(int level, int name, int value)
{
	probe_must(setsockopt(client, level, name, &value, sizeof(value)), "setsockopt");
}

static const struct {
	int level, name, value;
	const char *what;
} options[] = {
	{SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE"},
	{IPPROTO_TCP, TCP_KEEPIDLE, 77, "TCP_KEEPIDLE"},
	{IPPROTO_TCP, TCP_KEEPINTVL, 33, "TCP_KEEPINTVL"},
	{IPPROTO_TCP, TCP_KEEPCNT, 5, "TCP_KEEPCNT"},
	{IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"},
	{SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"},
	{SOL_SOCKET, SO_PRIORITY, 3, "SO_PRIORITY"},
	{SOL_SOCKET, SO_MARK, 9, "SO_MARK"},
	{SOL_SOCKET, SO_OOBINLINE, 1, "SO_OOBINLINE"},
	{IPPROTO_TCP, TCP_USER_TIMEOUT, 4567, "TCP_USER_TIMEOUT"},
	{IPPROTO_TCP, TCP_QUICKACK, 1, "TCP_QUICKACK"},
	{IPPROTO_TCP, TCP_NOTSENT_LOWAT, 8192, "TCP_NOTSENT_LOWAT"},
	{IPPROTO_IP, IP_TOS, 0x10, "IP_TOS"},
	{IPPROTO_IP, IP_TTL, 99, "IP_TTL"},
};

enum { BASIC = 9 }; /* the first of them are one probe, the rest another */

static void options_set_up(const struct lu_probe *probe)
{
	pair(AF_INET);
	for (long i = probe->arg; i < probe->other; i++)
		set(options[i].level, options[i].name, options[i].value);
}

static void options_verify(const struct lu_probe *probe)
{
	for (long i = probe->arg; i < probe->other; i++) {
		socklen_t n = sizeof(int);
		int is = -1;

		probe_must(getsockopt(client, options[i].level, options[i].name, &is, &n),
			   options[i].what);
		probe_same(options[i].what, is, options[i].value);
	}
	talk();
}

static void backlog_set_up(const struct lu_probe *probe)
{
	listen_on(AF_INET, WAITING - 1);
	for (int i = 0; i < WAITING; i++) {
		waiting[i] = connect_to();
		put(waiting[i], 100, 30 + (uint64_t)i);
	}
}

static void backlog_verify(const struct lu_probe *probe)
{
	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < WAITING; i++) {
		server = accept_one();
		expect(server, 100, 30 + (uint64_t)i);
	}
}

static void listen_set_up(const struct lu_probe *probe)
{
	listen_on((int)probe->arg, 5);
}

static void listen_verify(const struct lu_probe *probe)
{
	client = connect_to();
	server = accept_one();
	talk();
}

/* The backlog is full, so that the peer's SYN is unanswered. */
static void syn_set_up(const struct lu_probe *probe)
{
	listen_on(AF_INET, 0);
	waiting[0] = connect_to();
	client = (int)probe_must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	probe_check(connect(client, (void *)&address, length) < 0 && errno == EINPROGRESS,
		    "a full backlog takes a connection");
	probe_sleep_ms(20);
}

static bool connected(void *data)
{
	struct pollfd one = {.fd = client, .events = POLLOUT};

	return poll(&one, 1, 0) > 0;
}

static void syn_verify(const struct lu_probe *probe)
{
	int why = 0;
	socklen_t n = sizeof(why);

	close(accept_one());
	probe_check(probe_until(connected, NULL), "it is not connected");
	probe_must(getsockopt(client, SOL_SOCKET, SO_ERROR, &why, &n), "SO_ERROR");
	probe_check(!why, "it is not connected: %s", strerror(why));
	fcntl(client, F_SETFL, 0);
	server = accept_one();
	talk();
}

/* Closed by both, by this end first: nobody has it open, and only the kernel knows it. */
static bool waits(void)
{
	static char all[1 << 16];
	char mine[64];

	probe_read_file("/proc/net/tcp", all, sizeof(all));
	snprintf(mine, sizeof(mine), ":%04X 06 ",
		 ntohs(((struct sockaddr_in *)&address)->sin_port));
	return strstr(all, mine) != NULL;
}

static void timewait_set_up(const struct lu_probe *probe)
{
	pair(AF_INET);
	close(client);
	probe_sleep_ms(20);
	close(server);
	probe_sleep_ms(20);
	probe_check(waits(), "it is not in TIME_WAIT");
}

static void timewait_verify(const struct lu_probe *probe)
{
	probe_check(waits(), "it is not in TIME_WAIT any more");
}

static void timewait_spoil(const struct lu_probe *probe)
{
	((struct sockaddr_in *)&address)->sin_port = 0;
}

/* Bound, and neither connected nor listening. */
static void bound_set_up(const struct lu_probe *probe)
{
	listen_on(AF_INET, 5);
	close(listener);
	client = (int)probe_must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	set(SOL_SOCKET, SO_REUSEADDR, 1);
	probe_must(bind(client, (void *)&address, length), "bind");
}

static void bound_verify(const struct lu_probe *probe)
{
	struct sockaddr_storage is;
	socklen_t n = sizeof(is);

	probe_must(getsockname(client, (void *)&is, &n), "getsockname");
	probe_same_bytes("its address", &is, &address, length);
	probe_must(listen(client, 1), "listen");
}

const struct lu_probes lu_probes_tcp = {
	"TCP",
	{
		{"tcp-listen", "listening socket", "tcp(7)", 0, listen_set_up, listen_verify,
		 .arg = AF_INET},
		{"tcp-listen-ipv6", "listening socket, IPv6", "tcp(7), ipv6(7)", 0, listen_set_up,
		 listen_verify, .arg = AF_INET6, .lacks = "CONFIG_IPV6, and ::1"},
		{"tcp-backlog", "full backlog of connections with data", "listen(2)", 0,
		 backlog_set_up, backlog_verify},
		{"tcp-bound", "socket that is bound only", "bind(2)", 0, bound_set_up,
		 bound_verify},
		{"tcp-syn", "connection whose SYN is unanswered", "connect(2): EINPROGRESS", 0,
		 syn_set_up, syn_verify},
		{"tcp-idle", "established connection", "tcp(7); criu(8): --tcp-established", 0,
		 idle_set_up, idle_verify, .arg = AF_INET},
		{"tcp-idle-ipv6", "established connection, IPv6", "tcp(7), ipv6(7)", 0, idle_set_up,
		 idle_verify, .arg = AF_INET6, .lacks = "CONFIG_IPV6, and ::1"},
		{"tcp-unread", "connection with unread data", "tcp(7)", 0, unread_set_up,
		 unread_verify, unread_spoil},
		{"tcp-unsent", "connection with data that the peer has no room for", "tcp(7)", 0,
		 unsent_set_up, unsent_verify, unread_spoil},
		{"tcp-half-closed", "half-closed connection", "shutdown(2)", 0, half_set_up,
		 half_verify},
		{"tcp-urgent", "connection with an urgent byte", "tcp(7): MSG_OOB", 0,
		 urgent_set_up, urgent_verify},
		{"tcp-options", "keepalive and basic options", "tcp(7), socket(7)", 0,
		 options_set_up, options_verify, .arg = 0, .other = BASIC},
		{"tcp-options-more", "user timeout, low-water mark, TOS, TTL", "tcp(7), ip(7)", 0,
		 options_set_up, options_verify, .arg = BASIC,
		 .other = sizeof(options) / sizeof(options[0])},
		{"tcp-time-wait", "closed connection in TIME_WAIT", "tcp(7)", 0, timewait_set_up,
		 timewait_verify, timewait_spoil},
		{},
	},
};
