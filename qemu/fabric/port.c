/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One QEMU's port. The socket keeps frames apart by itself (SOCK_SEQPACKET): a frame is sent whole
 * or not at all, and the peer's end is seen as one. QEMU 7.2's -netdev stream, by comparison,
 * attaches its descriptor from a helper thread without waking its main loop, and the link was dead
 * in two of three tries; a SOCK_DGRAM pair never reports a hangup.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "qemu/fabric/port.h"
#include "host/wait.h"

enum {
	HEADER = 14, /* of Ethernet */
	BATCH = 32,  /* frames a read */
	QUEUE_BYTES = 4 * 1024 * 1024,
};

/* For reading: one byte more than the longest frame, so that a longer one is recognised. */
#define ROOM ((size_t)LU_FABRIC_FRAME + 1)

static int64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * LU_NS_PER_S + now.tv_nsec;
}

/* Every frame that passes the gate passes here too,
 * so the count of leaks does not rely on the gate. */
static void passes(struct lu_port *port, const uint8_t *frame, size_t len)
{
	if (!port->opened)
		port->stats.leaked_before_open++;
	if (!port->pcap)
		return;
	if (lu_pcap_write(port->pcap, realtime_ns(), frame, len))
		port->stats.captured++;
	else
		port->stats.not_captured++;
}

static void pass_in(void *data, const uint8_t *frame, size_t len)
{
	struct lu_port *port = data;

	passes(port, frame, len);
	port->arrived(port->fabric, port, frame, len);
}

static void count_out(struct lu_port *port, size_t len)
{
	port->stats.frames_out++;
	port->stats.bytes_out += len;
}

static void enqueue(struct lu_port *port, const uint8_t *frame, size_t len)
{
	if (port->queue_bytes + len > QUEUE_BYTES) {
		port->stats.dropped[LU_DROPPED_QEMU_FULL]++;
		return;
	}
	g_queue_push_tail(&port->queue, g_bytes_new(frame, len));
	port->queue_bytes += len;
}

/* False: try again later. The read side notices that a peer is gone; what is sent to it is lost, as
 * on an unplugged cable. */
static bool socket_takes(struct lu_port *port, const uint8_t *frame, size_t len)
{
	ssize_t n = send(port->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
		return false;
	if (n < 0)
		port->stats.dropped[LU_DROPPED_UNPLUGGED]++;
	else
		count_out(port, len);
	return true;
}

static void to_socket(struct lu_port *port, const uint8_t *frame, size_t len)
{
	if (port->fd < 0)
		port->stats.dropped[LU_DROPPED_UNPLUGGED]++;
	else if (port->queue.length || !socket_takes(port, frame, len))
		enqueue(port, frame, len);
}

static void pass_out(void *data, const uint8_t *frame, size_t len)
{
	struct lu_port *port = data;

	passes(port, frame, len);
	if (!port->deliver) {
		to_socket(port, frame, len);
		return;
	}
	count_out(port, len);
	port->deliver(port->data, frame, len);
}

struct lu_port *lu_port_new(const char *name, const uint8_t mac[LU_MAC_BYTES],
			    enum lu_gate_state state)
{
	struct lu_port *port = g_new0(struct lu_port, 1);

	port->name = g_strdup(name);
	memcpy(port->mac, mac, LU_MAC_BYTES);
	port->fd = -1;
	port->opened = state == LU_GATE_OPEN;
	g_queue_init(&port->queue);
	lu_lane_init(&port->in, state, port->stats.dropped, pass_in, port);
	lu_lane_init(&port->out, state, port->stats.dropped, pass_out, port);
	return port;
}

static void drop_queue(struct lu_port *port, enum lu_fabric_drop reason)
{
	port->stats.dropped[reason] += port->queue.length;
	g_queue_clear_full(&port->queue, (GDestroyNotify)g_bytes_unref);
	port->queue_bytes = 0;
}

void lu_port_plug(struct lu_port *port, int fd)
{
	drop_queue(port, LU_DROPPED_UNPLUGGED);
	if (port->fd >= 0)
		close(port->fd);
	/* Another machine, whose gate has passed nothing yet. */
	if (fd >= 0)
		port->opened = port->in.gate.state == LU_GATE_OPEN;
	port->fd = fd;
}

void lu_port_free(struct lu_port *port)
{
	if (!port)
		return;
	lu_port_plug(port, -1);
	lu_lane_clear(&port->in);
	lu_lane_clear(&port->out);
	lu_pcap_free(port->pcap);
	g_free(port->buffer);
	g_free(port->name);
	g_free(port);
}

void lu_port_receive(struct lu_port *port, int64_t now_ns, const uint8_t *frame, size_t len)
{
	if (len < HEADER || len > LU_FABRIC_FRAME) {
		port->stats.dropped[LU_DROPPED_MALFORMED]++;
		return;
	}
	port->stats.frames_in++;
	port->stats.bytes_in += len;
	lu_lane_put(&port->in, now_ns, frame, len);
}

void lu_port_send(struct lu_port *port, int64_t now_ns, const uint8_t *frame, size_t len)
{
	lu_lane_put(&port->out, now_ns, frame, len);
}

void lu_port_gate(struct lu_port *port, enum lu_gate_state state)
{
	if (state == LU_GATE_OPEN)
		port->opened = true;
	else if (state != LU_GATE_HOLD)
		/* They have passed the gate but not the wire. */
		drop_queue(port, LU_DROPPED_GATE);
	lu_lane_gate(&port->in, state);
	lu_lane_gate(&port->out, state);
}

void lu_port_shape(struct lu_port *port, const struct lu_shape_config *config)
{
	struct lu_shape_config out;

	lu_lane_shape(&port->in, config);
	if (config) {
		out = *config;
		out.seed++;
	}
	lu_lane_shape(&port->out, config ? &out : NULL);
}

void lu_port_run(struct lu_port *port, int64_t now_ns)
{
	lu_lane_run(&port->in, now_ns);
	lu_lane_run(&port->out, now_ns);
}

int64_t lu_port_next_ns(const struct lu_port *port)
{
	return MIN(lu_lane_next_ns(&port->in), lu_lane_next_ns(&port->out));
}

short lu_port_events(const struct lu_port *port)
{
	return port->queue.length ? POLLIN | POLLOUT : POLLIN;
}

static void flush(struct lu_port *port)
{
	GBytes *piece;

	while ((piece = g_queue_peek_head(&port->queue))) {
		gsize len;
		const uint8_t *frame = g_bytes_get_data(piece, &len);

		if (!socket_takes(port, frame, len))
			return;
		port->queue_bytes -= len;
		g_bytes_unref(g_queue_pop_head(&port->queue));
	}
}

static int read_batch(struct lu_port *port, struct mmsghdr *messages, struct iovec *parts)
{
	if (!port->buffer)
		port->buffer = g_malloc(BATCH * ROOM);
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){port->buffer + (size_t)i * ROOM, ROOM};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}};
	}
	return recvmmsg(port->fd, messages, BATCH, MSG_DONTWAIT, NULL);
}

static void receive(struct lu_port *port, int64_t now_ns)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int n = read_batch(port, messages, parts);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		lu_port_plug(port, -1);
	for (int i = 0; i < n; i++) {
		if (!messages[i].msg_len) {
			/* end of file: QEMU has gone, as it cannot send an empty frame */
			lu_port_plug(port, -1);
			return;
		}
		lu_port_receive(port, now_ns, parts[i].iov_base, messages[i].msg_len);
	}
}

void lu_port_dispatch(struct lu_port *port, short events, int64_t now_ns)
{
	if (events & POLLOUT)
		flush(port);
	if (port->fd >= 0 && events & (POLLIN | POLLHUP | POLLERR))
		receive(port, now_ns);
}
