/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows through a NAT: opened from sources whose ports collide, used in batches, and checked. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "workloads/nat/guest/nat.h"
#include "workloads/kit/guest/pattern.h"
#include "workloads/kit/guest/spoil.h"

#define FIRST_PORT 30000
#define PORTS	   20000

struct counts counts;

static atomic_uint next_id;
static atomic_uint next_port[NATS];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void message_fill(void *bytes, uint32_t flow, uint64_t number, enum spoil spoil)
{
	struct message message = {.number = number, .flow = flow, .spoil = spoil};

	memcpy(bytes, &message, sizeof(message));
	pattern_fill((char *)bytes + sizeof(message), options.bytes - sizeof(message),
		     (uint64_t)flow << 40 ^ number);
}

static void set_options(int fd, bool udp)
{
	const struct timeval timeout = {options.patience_ms / 1000,
					options.patience_ms % 1000 * 1000};
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!udp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static bool join(const struct flow *flow, int fd)
{
	const struct net *net = &nets[flow->nat];
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_port = htons(flow->source_port),
				   .sin_addr.s_addr = network_source(net, flow->source)};
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(ECHO_PORT), .sin_addr.s_addr = net->echo};

	return !bind(fd, (struct sockaddr *)&from, sizeof(from)) &&
	       !connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static void break_off(struct flow *flow)
{
	if (flow->fd >= 0)
		close(flow->fd);
	flow->fd = -1;
	counts.broken++;
}

/* This thread is in the inside namespace. All sources use the same ports. */
static bool take_port(struct flow *flow)
{
	unsigned turn = next_port[flow->nat]++;

	flow->source = turn % options.sources;
	flow->source_port = FIRST_PORT + turn / options.sources % PORTS;
	flow->fd = socket(AF_INET, (flow->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	set_options(flow->fd, flow->udp);
	return flow->fd >= 0 && join(flow, flow->fd);
}

static void flow_open(struct flow *flow, unsigned nat, bool udp)
{
	*flow = (struct flow){.id = next_id++, .nat = nat, .udp = udp};
	if (take_port(flow))
		counts.opened++;
	else
		break_off(flow);
}

static void change_port(struct flow *flow)
{
	close(flow->fd);
	network_enter(nets[flow->nat].inside);
	if (!take_port(flow))
		break_off(flow);
}

void caller_open(struct caller *caller, unsigned nat, unsigned which, unsigned callers)
{
	unsigned total = options.flows;

	*caller = (struct caller){.nat = nat, .which = which};
	caller->count = total / callers + (which < total % callers);
	caller->flows = calloc(caller->count, sizeof(*caller->flows));
	if (!caller->flows)
		die("no memory");
	for (unsigned i = 0; i < caller->count; i++)
		flow_open(&caller->flows[i], nat, i % 2);
}

void caller_renew(struct caller *caller)
{
	struct flow *flow = &caller->flows[pattern_mix(caller->batches) % caller->count];

	if (flow->fd >= 0)
		close(flow->fd);
	network_enter(nets[caller->nat].inside);
	flow_open(flow, caller->nat, flow->udp);
}

/* The error to make with this message, if any; none with a request's, which would have to wait for
 * a reply that never comes. */
static enum spoil spoilt(const struct caller *caller, const struct flow *flow)
{
	bool fits = options.spoil == SPOIL_CLOSE ? !flow->udp : flow->udp;
	bool of_message = options.spoil != SPOIL_NONE && options.spoil != SPOIL_ANSWER;

	return of_message && fits && caller->which && spoil_strikes() ? options.spoil : SPOIL_NONE;
}

static void say(struct flow *flow, enum spoil spoil)
{
	char bytes[MESSAGE_MAX];

	if (spoil == SPOIL_PORT)
		change_port(flow);
	if (flow->fd < 0)
		return;
	message_fill(bytes, flow->id, ++flow->number, spoil);
	if (send(flow->fd, bytes, options.bytes, MSG_NOSIGNAL) != options.bytes)
		break_off(flow);
}

static void most(atomic_ullong *most, uint64_t value)
{
	unsigned long long before = *most;

	while (value > before && !atomic_compare_exchange_weak(most, &before, value))
		;
}

/* Whether it is what was sent, apart from the fields that the echo fills in. */
static bool is_mine(const struct flow *flow, const char *bytes)
{
	char expected[MESSAGE_MAX];
	struct message message;

	memcpy(&message, bytes, sizeof(message));
	message_fill(expected, flow->id, message.number, SPOIL_NONE);
	return message.flow == flow->id && message.number && message.number <= flow->number &&
	       !memcmp(bytes + sizeof(message), expected + sizeof(message),
		       options.bytes - sizeof(message));
}

/* Check that the flow keeps the address and port that it had from the beginning. */
static void note_port(struct flow *flow, const struct message *message)
{
	if (!flow->seen_port)
		flow->seen_port = message->peer_port;
	if (message->peer_port != flow->seen_port ||
	    message->peer_address != nets[flow->nat].public)
		counts.moved++;
}

/* true: this was the expected one. */
static bool judge(struct flow *flow, const char *bytes)
{
	struct message message;

	if (!is_mine(flow, bytes)) {
		counts.wrong++;
		return false;
	}
	memcpy(&message, bytes, sizeof(message));
	note_port(flow, &message);
	most(&counts.gaps, message.gaps);
	most(&counts.repeats, message.repeats);
	if (message.number == flow->number)
		return true;
	counts.duplicated++;
	return false;
}

/* A datagram that does not come back is lost; a connection that falls silent is broken. */
static void silence(struct flow *flow, ssize_t n)
{
	counts.lost++;
	if (!flow->udp || (n < 0 && errno != EAGAIN))
		break_off(flow);
}

static void listen_to(struct flow *flow, uint64_t begin)
{
	char bytes[MESSAGE_MAX];
	ssize_t n;

	while (flow->fd >= 0) {
		n = recv(flow->fd, bytes, options.bytes, flow->udp ? 0 : MSG_WAITALL);
		if (n != options.bytes) {
			silence(flow, n);
			break;
		}
		if (judge(flow, bytes)) {
			counts.messages++;
			break;
		}
	}
	most(&counts.longest_ns, now_ns() - begin);
}

/* At most one message per flow. */
static void exchange(struct caller *caller, unsigned first, unsigned count)
{
	uint64_t begin = now_ns();

	for (unsigned i = 0; i < count; i++) {
		struct flow *flow = &caller->flows[(first + i) % caller->count];

		say(flow, spoilt(caller, flow));
	}
	for (unsigned i = 0; i < count; i++)
		listen_to(&caller->flows[(first + i) % caller->count], begin);
}

void caller_batch(struct caller *caller, unsigned count)
{
	while (count) {
		unsigned now = count < caller->count ? count : caller->count;

		exchange(caller, caller->next, now);
		caller->next = (caller->next + now) % caller->count;
		count -= now;
	}
	caller->batches++;
}
