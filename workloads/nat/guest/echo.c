/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The far side: sends each message back, with the address and port that it came from as seen here,
 * and counts numbers that are missing or repeated. A message may ask for an error in its echo.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "workloads/nat/guest/nat.h"

#define EVENTS 64

enum kind { LISTENER, DATAGRAMS, CONNECTION };

struct peer {
	enum kind kind;
	int fd;
	struct sockaddr_in from;
	size_t fill;
	char buffer[MESSAGE_MAX];
};

static int epoll_fd;
static uint32_t gaps, repeats;
static uint64_t *last; /* number, by flow */
static uint32_t last_size;

static void watch(enum kind kind, int fd, const struct sockaddr_in *from)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};

	if (!peer || fd < 0)
		die("the echo: %s", strerror(errno));
	peer->kind = kind;
	peer->fd = fd;
	if (from)
		peer->from = *from;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("the echo: %s", strerror(errno));
}

static uint64_t *last_of(uint32_t flow)
{
	if (flow >= last_size) {
		uint32_t size = (flow + 1) * 2;

		last = realloc(last, size * sizeof(*last));
		if (!last)
			die("the echo: no memory");
		memset(last + last_size, 0, (size - last_size) * sizeof(*last));
		last_size = size;
	}
	return &last[flow];
}

static void note(const struct message *message)
{
	uint64_t *number = last_of(message->flow);

	if (message->number <= *number) {
		repeats++;
		return;
	}
	gaps += message->number != *number + 1;
	*number = message->number;
}

static void send_back(struct peer *peer, const char *bytes)
{
	bool datagram = peer->kind == DATAGRAMS;

	sendto(peer->fd, bytes, options.bytes, MSG_NOSIGNAL,
	       datagram ? (struct sockaddr *)&peer->from : NULL, datagram ? sizeof(peer->from) : 0);
}

static void send_spoilt(struct peer *peer, char *bytes, enum spoil spoil)
{
	if (spoil == SPOIL_CLOSE)
		shutdown(peer->fd, SHUT_RDWR);
	if (spoil == SPOIL_CHANGE)
		bytes[sizeof(struct message)] ^= 1;
	if (spoil == SPOIL_DOUBLE)
		send_back(peer, bytes);
	if (spoil != SPOIL_LOSE && spoil != SPOIL_CLOSE)
		send_back(peer, bytes);
}

static void answer(struct peer *peer, char *bytes)
{
	struct message message;

	memcpy(&message, bytes, sizeof(message));
	if (message.flow > 1 << 24) {
		gaps++;
		return;
	}
	note(&message);
	message.peer_address = peer->from.sin_addr.s_addr;
	message.peer_port = ntohs(peer->from.sin_port);
	message.gaps = gaps;
	message.repeats = repeats;
	memcpy(bytes, &message, sizeof(message));
	send_spoilt(peer, bytes, message.spoil);
}

static void on_connection(struct peer *peer)
{
	ssize_t n =
		recv(peer->fd, peer->buffer + peer->fill, options.bytes - peer->fill, MSG_DONTWAIT);

	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		close(peer->fd);
		free(peer);
		return;
	}
	peer->fill += n;
	if (peer->fill < (size_t)options.bytes)
		return;
	peer->fill = 0;
	answer(peer, peer->buffer);
}

static void on_datagrams(struct peer *peer)
{
	socklen_t len = sizeof(peer->from);
	ssize_t n = recvfrom(peer->fd, peer->buffer, sizeof(peer->buffer), MSG_DONTWAIT,
			     (struct sockaddr *)&peer->from, &len);

	if (n == options.bytes)
		answer(peer, peer->buffer);
}

static void on_listener(struct peer *peer)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = accept4(peer->fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);

	if (fd >= 0)
		watch(CONNECTION, fd, &from);
}

static void *run(void *data)
{
	static void (*const handlers[])(struct peer *) = {
		[LISTENER] = on_listener, [DATAGRAMS] = on_datagrams, [CONNECTION] = on_connection};
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct peer *peer = events[i].data.ptr;

			handlers[peer->kind](peer);
		}
	}
	return NULL;
}

static void open_at(const struct net *net)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(ECHO_PORT), .sin_addr.s_addr = net->echo};
	int tcp, udp;

	network_enter(net->server);
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(tcp, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(tcp, 1024) < 0 ||
	    bind(udp, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("port %d: %s", ECHO_PORT, strerror(errno));
	watch(LISTENER, tcp, NULL);
	watch(DATAGRAMS, udp, NULL);
}

void echo_start(void)
{
	pthread_t thread;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; i < NATS; i++)
		open_at(&nets[i]);
	if (pthread_create(&thread, NULL, run, NULL))
		die("cannot start a thread");
}
