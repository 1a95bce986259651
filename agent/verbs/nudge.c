/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wake the peers' retransmission. A peer whose segments went unanswered during the upgrade backs
 * off (1, 3, 7, 15 s after the first loss in libslirp's BSD timers) and would stay silent though
 * the service is back. Three duplicate ACKs make it retransmit at once (RFC 5681, 3.2). The kernel
 * cannot be asked for one: the window probe of a socket that leaves TCP_REPAIR carries an old
 * sequence number, and a peer does not count it while it believes in another window. So the ACKs
 * are written here, with the numbers that the socket itself reports: the first announces the
 * window, the others are its duplicates.
 *
 * net.nudge {thaw: bool} → sockets, nudge_ns: the peers of the service's connections retransmit
 *     now; with thaw the service continues, between reading its sockets and waking the peers
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/group.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/verb.h"

#define ACKS 6 /* one that may change the window, three duplicates, and two spares */
/* TCP_RECV_QUEUE and TCP_SEND_QUEUE: an enum of linux/tcp.h, which clashes with netinet/tcp.h */
#define RECV_QUEUE 1
#define SEND_QUEUE 2
#define ARRAY(a)   (sizeof(a) / sizeof((a)[0]))

struct repair_window { /* struct tcp_repair_window of linux/tcp.h */
	uint32_t snd_wl1, snd_wnd, max_window, rcv_wnd, rcv_wup;
};

struct segment {
	struct sockaddr_in from, to;
	struct tcphdr header;
};

static bool get(int fd, int option, void *value, socklen_t len)
{
	return getsockopt(fd, IPPROTO_TCP, option, value, &len) == 0;
}

static bool set(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) == 0;
}

/* Is it an established IPv4 connection? *shift: its window scale. */
static bool is_established(int fd, unsigned *shift)
{
	struct sockaddr_in from = {0};
	socklen_t len = sizeof(from), plen = sizeof(int);
	struct tcp_info info;
	int protocol = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &plen) < 0 ||
	    protocol != IPPROTO_TCP || !get(fd, TCP_INFO, &info, sizeof(info)) ||
	    getsockname(fd, (struct sockaddr *)&from, &len) < 0 || from.sin_family != AF_INET)
		return false;
	*shift = info.tcpi_options & TCPI_OPT_WSCALE ? info.tcpi_rcv_wscale : 0;
	return info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT;
}

/* Sequence numbers and window can be read in repair
 * mode only; leaving it sends one window probe. */
static bool read_numbers(int fd, unsigned shift, struct tcphdr *header)
{
	struct repair_window window;
	uint32_t seq, ack;
	bool ok;

	if (!set(fd, TCP_REPAIR, 1))
		return false;
	ok = set(fd, TCP_REPAIR_QUEUE, SEND_QUEUE) && get(fd, TCP_QUEUE_SEQ, &seq, sizeof(seq)) &&
	     set(fd, TCP_REPAIR_QUEUE, RECV_QUEUE) && get(fd, TCP_QUEUE_SEQ, &ack, sizeof(ack)) &&
	     get(fd, TCP_REPAIR_WINDOW, &window, sizeof(window));
	if (!set(fd, TCP_REPAIR, 0) || !ok)
		return false;
	header->seq = htonl(seq);
	header->ack_seq = htonl(ack);
	header->window = htons(window.rcv_wnd >> shift);
	return true;
}

static uint32_t sum_words(uint32_t sum, const void *bytes, size_t len)
{
	const uint16_t *words = bytes;

	for (size_t i = 0; i < len / 2; i++)
		sum += words[i];
	return sum;
}

/* RFC 9293, 3.1: over the pseudo header and the segment. */
static uint16_t checksum(const struct segment *segment)
{
	uint16_t rest[2] = {htons(IPPROTO_TCP), htons(sizeof(segment->header))};
	uint32_t sum = sum_words(0, &segment->from.sin_addr, 4);

	sum = sum_words(sum, &segment->to.sin_addr, 4);
	sum = sum_words(sum, rest, sizeof(rest));
	sum = sum_words(sum, &segment->header, sizeof(segment->header));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static bool make_ack(int fd, struct segment *segment)
{
	socklen_t len = sizeof(segment->from), to_len = sizeof(segment->to);
	unsigned shift;

	memset(segment, 0, sizeof(*segment));
	if (!is_established(fd, &shift) || !read_numbers(fd, shift, &segment->header) ||
	    getsockname(fd, (struct sockaddr *)&segment->from, &len) < 0 ||
	    getpeername(fd, (struct sockaddr *)&segment->to, &to_len) < 0)
		return false;
	segment->header.source = segment->from.sin_port;
	segment->header.dest = segment->to.sin_port;
	segment->header.doff = sizeof(segment->header) / 4;
	segment->header.ack = 1;
	segment->header.check = checksum(segment);
	segment->to.sin_port = 0;
	segment->from.sin_port = 0;
	return true;
}

struct acks {
	struct segment segments[1024];
	unsigned n;
};

/* Makes the ACKs of all connections of that process, while there is room. */
static bool make_acks(void *data, pid_t pid)
{
	struct acks *acks = data;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = pidfd >= 0 ? opendir(path) : NULL;
	while (dir && acks->n < ARRAY(acks->segments) && (entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)strtol(entry->d_name, NULL, 10), 0);
		if (fd < 0)
			continue;
		acks->n += make_ack(fd, &acks->segments[acks->n]);
		close(fd);
	}
	if (dir)
		closedir(dir);
	if (pidfd >= 0)
		close(pidfd);
	return true;
}

static bool send_acks(const struct segment *segment)
{
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	bool ok = raw >= 0 &&
		  bind(raw, (const struct sockaddr *)&segment->from, sizeof(segment->from)) == 0;

	for (int i = 0; i < ACKS && ok; i++)
		ok = sendto(raw, &segment->header, sizeof(segment->header), 0,
			    (const struct sockaddr *)&segment->to, sizeof(segment->to)) > 0;
	if (raw >= 0)
		close(raw);
	return ok;
}

/*
 * The numbers are read while the service is frozen (its calls would
 * fail in TCP_REPAIR), the ACKs are sent once it runs, so that it
 * answers the first request at once and not after all queued ones.
 */
static int nudge_all(bool thaw)
{
	static struct acks acks;
	int sockets = 0;

	acks.n = 0;
	group_each(service_pid(), make_acks, &acks);
	if (thaw)
		service_wake();
	for (unsigned i = 0; i < acks.n; i++)
		sockets += send_acks(&acks.segments[i]);
	return sockets;
}

static void net_nudge(struct request *request)
{
	int64_t begin = now_ns();
	int sockets;

	if (!service_pid()) {
		reply_error(request, "failed", "net.nudge: %s", service_none());
		return;
	}
	sockets = nudge_all(arg_bool(request, "thaw", false));
	reply_ok(request, json_pack("{s:i, s:I}", "sockets", sockets, "nudge_ns",
				    (json_int_t)(now_ns() - begin)));
}

const struct lu_agent_verbs lu_agent_verbs_nudge = {
	"nudge",
	{
		{"net.nudge", net_nudge},
		{},
	},
};
