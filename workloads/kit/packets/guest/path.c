/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/packets/guest/path.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "kmod/queue/options.h"

#define PORT	     9000
#define BATCH	     32
#define BUFFER_BYTES (16 << 20)

#ifndef SO_RCVMARK
#define SO_RCVMARK 75 /* include/uapi/asm-generic/socket.h, since 5.19 */
#endif

void path_die(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int bytes = BUFFER_BYTES;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		path_die("socket");
	return fd;
}

static struct sockaddr_in target(const struct path *path, const struct path_ops *ops)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	char text[INET_ADDRSTRLEN];

	ops->address(path, text, sizeof(text));
	to.sin_addr.s_addr = inet_addr(text);
	return to;
}

/* One socket each, so that each flow has a port that identifies it. */
static void open_senders(struct path *path, const struct path_ops *ops, unsigned flows)
{
	struct sockaddr_in to = target(path, ops);

	for (unsigned i = 0; i < flows; i++) {
		path->senders[i] = open_socket();
		if (connect(path->senders[i], (struct sockaddr *)&to, sizeof(to)) < 0)
			path_die("connect");
	}
}

static void open_receiver(struct path *path, const struct path_ops *ops)
{
	struct sockaddr_in at = target(path, ops);
	const int on = 1;

	path->receiver = open_socket();
	if (setsockopt(path->receiver, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)) < 0 ||
	    bind(path->receiver, (struct sockaddr *)&at, sizeof(at)) < 0)
		path_die("receiver");
}

void path_open(struct path *path, const struct path_ops *ops, const struct path_options *options)
{
	unsigned flows = FLOW_BULK + options->bulk;

	for (unsigned i = 0; i < flows; i++)
		path->flows[i] = (struct flow){.path = path->index, .index = i};
	ops->build(path, options);
	open_receiver(path, ops);
	if (ops->to_senders)
		ops->to_senders(path);
	open_senders(path, ops, flows);
	path->came_ns = now_ns();
}

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec pieces[BATCH];
	char marks[BATCH][CMSG_SPACE(sizeof(uint32_t))] __attribute__((aligned(8)));
	char bytes[BATCH][PACKET_MAX] __attribute__((aligned(8)));
};

static struct batch batch;

static void prepare(size_t size, bool marks)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *head = &batch.messages[i].msg_hdr;

		batch.pieces[i] = (struct iovec){batch.bytes[i], size};
		*head = (struct msghdr){.msg_iov = &batch.pieces[i], .msg_iovlen = 1};
		if (!marks)
			continue;
		head->msg_control = batch.marks[i];
		head->msg_controllen = sizeof(batch.marks[i]);
	}
}

/* A packet that the socket does not accept gives its number back to the next one. */
static unsigned send_some(struct path *path, struct flow *flow, unsigned count, size_t size)
{
	int taken;

	prepare(size, false);
	for (unsigned i = 0; i < count; i++)
		flow_next(flow, (struct packet *)batch.bytes[i], size);
	taken = sendmmsg(path->senders[flow->index], batch.messages, count, MSG_DONTWAIT);
	if (taken < 0)
		taken = 0;
	flow_take_back(flow, count - taken);
	return taken;
}

unsigned path_send(struct path *path, unsigned flow, unsigned count,
		   const struct path_options *options)
{
	unsigned sent = 0, some, taken;

	do {
		some = count - sent < BATCH ? count - sent : BATCH;
		taken = send_some(path, &path->flows[flow], some, options->size);
		sent += taken;
	} while (sent < count && taken == some);
	return sent;
}

/* Which version delivered it, 0: not known; *cpu: on which CPU, likewise. */
static unsigned mark_of(struct msghdr *head, unsigned *cpu)
{
	uint32_t mark = 0, version;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK)
			memcpy(&mark, CMSG_DATA(c), sizeof(mark));
	*cpu = mark >> LUQ_MARK_CPU < FLOW_CPUS ? mark >> LUQ_MARK_CPU : 0;
	version = mark & ((1 << LUQ_MARK_CPU) - 1);
	return version < FLOW_MARKS ? version : 0;
}

static void receive_one(struct path *path, struct mmsghdr *message, unsigned flows)
{
	const struct packet *packet = message->msg_hdr.msg_iov->iov_base;
	enum class class;
	unsigned cpu;

	path->mark = mark_of(&message->msg_hdr, &cpu);
	if (!packet_intact(packet, message->msg_len) || packet->path != path->index ||
	    packet->flow >= flows) {
		tally.wrong++;
		return;
	}
	class = packet->flow < FLOW_BULK ? CLASS_THIN : CLASS_BULK;
	histogram_add(&path->latency[class][path->mark], now_ns() - packet->sent_ns);
	flow_receive(&path->flows[packet->flow], packet, cpu);
}

unsigned path_receive(struct path *path, const struct path_options *options)
{
	int n;

	prepare(PACKET_MAX, true);
	n = recvmmsg(path->receiver, batch.messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		receive_one(path, &batch.messages[i], FLOW_BULK + options->bulk);
	if (n > 0)
		path->came_ns = now_ns();
	return n > 0 ? n : 0;
}
