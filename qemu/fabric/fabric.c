/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric's thread. It alone touches the switch and libslirp; other threads post orders and wait
 * until they are carried out, so only the queue of orders needs a lock.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/fabric/admit.h"
#include "qemu/fabric/handshakes.h"
#include "qemu/fabric/slirp.h"
#include "qemu/fabric/switch.h"
#include "qemu/fabric/fabric.h"

/* Of a cable, in each direction; the kernel may allow less (net.core.wmem_max). */
#define CABLE_BYTES (1024 * 1024)

struct order {
	void (*run)(struct lu_fabric *fabric, struct order *order);
	int port, other;
	const char *name;
	const uint8_t *mac;
	enum lu_gate_state state;
	enum lu_fabric_segment segment;
	uint32_t ip;
	uint16_t guest_port;
	int fd;
	const struct lu_shape_config *shape;
	struct lu_port_stats *stats;
	struct lu_pcap *pcap;
	int result;
	GError *error;
	bool done;
};

struct lu_fabric {
	const struct lu_io *io;
	GThread *thread;
	int wake; /* eventfd */
	bool quit;
	GMutex lock; /* of orders */
	GCond carried_out;
	GQueue orders;			  /* struct order */
	struct lu_handshakes *handshakes; /* has a lock of its own */
	gint following;			  /* atomic */
	/* the thread's own */
	struct lu_slirp *slirp;
	struct lu_switch net;
	GArray *fds; /* struct pollfd */
};

/* The address that libslirp gives itself: 52:55 and its IPv4 address
 * (its source, "special_ethaddr"). */
static const uint8_t host_mac[LU_MAC_BYTES] = {0x52, 0x55, 0x0a, 0x00, 0x02, 0x02};

static bool follows(struct lu_fabric *fabric)
{
	return g_atomic_int_get(&fabric->following);
}

static void from_host(void *data, const uint8_t *frame, size_t len)
{
	struct lu_fabric *fabric = data;

	if (follows(fabric) &&
	    !lu_handshakes_sent(fabric->handshakes, fabric->net.now_ns, frame, len))
		return;
	lu_port_receive(fabric->net.ports[LU_FABRIC_HOST], fabric->net.now_ns, frame, len);
}

static void to_host(void *data, const uint8_t *frame, size_t len)
{
	struct lu_fabric *fabric = data;
	enum lu_fabric_drop why = lu_admit(frame, len);

	if (why == LU_DROP_REASONS && follows(fabric))
		lu_handshakes_came(fabric->handshakes, fabric->net.now_ns, frame, len);
	if (why == LU_DROP_REASONS)
		lu_slirp_input(fabric->slirp, frame, len);
	else
		fabric->net.ports[LU_FABRIC_HOST]->stats.dropped[why]++;
}

static struct order *next_order(struct lu_fabric *fabric)
{
	struct order *order;

	g_mutex_lock(&fabric->lock);
	order = g_queue_pop_head(&fabric->orders);
	g_mutex_unlock(&fabric->lock);
	return order;
}

/* Once done, the order belongs to the thread that posted it again. */
static void carry_out(struct lu_fabric *fabric, struct order *order)
{
	order->run(fabric, order);
	g_mutex_lock(&fabric->lock);
	order->done = true;
	g_cond_broadcast(&fabric->carried_out);
	g_mutex_unlock(&fabric->lock);
}

static void carry_out_orders(struct lu_fabric *fabric)
{
	struct order *order;
	uint64_t count;

	while (read(fabric->wake, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	while ((order = next_order(fabric)))
		carry_out(fabric, order);
}

/* The latest time until which poll() may sleep. */
static int64_t next_ns(const struct lu_fabric *fabric, int slirp_ms)
{
	int64_t next =
		MIN(lu_switch_next_ns(&fabric->net), lu_handshakes_next_ns(fabric->handshakes));

	return slirp_ms < 0 ? next : MIN(next, fabric->net.now_ns + slirp_ms * LU_NS_PER_MS);
}

/* The order is: wake, ports, libslirp's. An unplugged port's -1 is skipped by poll(). */
static int fill(struct lu_fabric *fabric)
{
	struct pollfd wake = {fabric->wake, POLLIN, 0};

	g_array_set_size(fabric->fds, 0);
	g_array_append_val(fabric->fds, wake);
	for (int i = 0; i < fabric->net.n_ports; i++) {
		const struct lu_port *port = fabric->net.ports[i];
		struct pollfd fd = {port->fd, lu_port_events(port), 0};

		g_array_append_val(fabric->fds, fd);
	}
	return lu_slirp_fill(fabric->slirp, fabric->fds);
}

static bool sleep_on(struct lu_fabric *fabric, int64_t until_ns)
{
	return fabric->io->poll(fabric->io, (struct pollfd *)fabric->fds->data, fabric->fds->len,
				until_ns) >= 0;
}

static void dispatch_ports(struct lu_fabric *fabric)
{
	for (int i = 0; i < fabric->net.n_ports; i++) {
		short events = g_array_index(fabric->fds, struct pollfd, 1 + i).revents;

		if (events)
			lu_port_dispatch(fabric->net.ports[i], events, fabric->net.now_ns);
	}
}

static void repeat_syns(struct lu_fabric *fabric)
{
	GBytes *frame;

	while ((frame = lu_handshakes_again(fabric->handshakes, fabric->net.now_ns))) {
		lu_port_receive(fabric->net.ports[LU_FABRIC_HOST], fabric->net.now_ns,
				g_bytes_get_data(frame, NULL), g_bytes_get_size(frame));
		g_bytes_unref(frame);
	}
}

/* Orders come last: they may add a port, and the array of descriptors is that of this round. */
static void one_round(struct lu_fabric *fabric)
{
	int slirp_ms = fill(fabric);
	bool woken = sleep_on(fabric, next_ns(fabric, slirp_ms));

	fabric->net.now_ns = fabric->io->now(fabric->io);
	lu_switch_run(&fabric->net);
	repeat_syns(fabric);
	if (woken)
		dispatch_ports(fabric);
	lu_slirp_run(fabric->slirp, fabric->fds, !woken);
	if (woken && g_array_index(fabric->fds, struct pollfd, 0).revents)
		carry_out_orders(fabric);
}

static gpointer run(gpointer data)
{
	struct lu_fabric *fabric = data;

	while (!fabric->quit)
		one_round(fabric);
	return NULL;
}

static void give(struct lu_fabric *fabric, struct order *order)
{
	uint64_t one = 1;

	g_mutex_lock(&fabric->lock);
	g_queue_push_tail(&fabric->orders, order);
	while (write(fabric->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	while (!order->done)
		g_cond_wait(&fabric->carried_out, &fabric->lock);
	g_mutex_unlock(&fabric->lock);
}

static void do_quit(struct lu_fabric *fabric, struct order *order)
{
	fabric->quit = true;
}

static void do_add(struct lu_fabric *fabric, struct order *order)
{
	struct lu_port *port =
		lu_switch_add(&fabric->net, order->name, order->mac, order->state, NULL, NULL);

	order->result = port ? port->index : -1;
	lu_switch_segment(&fabric->net, order->result, order->segment);
}

static int add_port(struct lu_fabric *fabric, struct order *order, GError **error)
{
	give(fabric, order);
	if (order->result < 0)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "no port of the network fabric is left for %s; it has %d", order->name,
			    LU_FABRIC_PORTS);
	return order->result;
}

int lu_fabric_add_port(struct lu_fabric *fabric, const char *name, const uint8_t mac[LU_MAC_BYTES],
		       enum lu_gate_state state, GError **error)
{
	struct order order = {.run = do_add, .name = name, .mac = mac, .state = state};

	return add_port(fabric, &order, error);
}

int lu_fabric_add_private_port(struct lu_fabric *fabric, const char *name,
			       const uint8_t mac[LU_MAC_BYTES], GError **error)
{
	struct order order = {.run = do_add,
			      .name = name,
			      .mac = mac,
			      .state = LU_GATE_OPEN,
			      .segment = LU_SEGMENT_REPLICATION};

	return add_port(fabric, &order, error);
}

static void do_plug(struct lu_fabric *fabric, struct order *order)
{
	struct lu_port *port = lu_switch_port(&fabric->net, order->port);

	if (port)
		lu_port_plug(port, order->fd);
	else if (order->fd >= 0)
		close(order->fd);
}

int lu_fabric_plug(struct lu_fabric *fabric, int port, GError **error)
{
	int pair[2], room = CABLE_BYTES;
	struct order order = {.run = do_plug, .port = port};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "socketpair: %s", g_strerror(errno));
		return -1;
	}
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	order.fd = pair[0];
	give(fabric, &order);
	return pair[1];
}

void lu_fabric_unplug(struct lu_fabric *fabric, int port)
{
	give(fabric, &(struct order){.run = do_plug, .port = port, .fd = -1});
}

static void do_forward(struct lu_fabric *fabric, struct order *order)
{
	order->result =
		lu_slirp_forward(fabric->slirp, order->ip, order->guest_port, &order->error);
}

uint16_t lu_fabric_forward(struct lu_fabric *fabric, uint32_t guest_ip, uint16_t guest_port,
			   GError **error)
{
	struct order order = {.run = do_forward, .ip = guest_ip, .guest_port = guest_port};

	give(fabric, &order);
	if (order.error)
		g_propagate_error(error, order.error);
	return (uint16_t)order.result;
}

static void do_gate(struct lu_fabric *fabric, struct order *order)
{
	lu_switch_gate(&fabric->net, order->port, order->state);
}

void lu_fabric_gate(struct lu_fabric *fabric, int port, enum lu_gate_state state)
{
	give(fabric, &(struct order){.run = do_gate, .port = port, .state = state});
}

static void do_flip(struct lu_fabric *fabric, struct order *order)
{
	const struct lu_port *to = lu_switch_port(&fabric->net, order->other);

	lu_switch_flip(&fabric->net, order->port, order->other, order->ip);
	if (to)
		lu_handshakes_moved(fabric->handshakes, to->mac);
}

void lu_fabric_flip(struct lu_fabric *fabric, int from, int to, uint32_t ip)
{
	give(fabric, &(struct order){.run = do_flip, .port = from, .other = to, .ip = ip});
}

static void do_shape(struct lu_fabric *fabric, struct order *order)
{
	struct lu_port *port = lu_switch_port(&fabric->net, order->port);

	if (port)
		lu_port_shape(port, order->shape);
}

void lu_fabric_shape(struct lu_fabric *fabric, int port, const struct lu_shape_config *config)
{
	give(fabric, &(struct order){.run = do_shape, .port = port, .shape = config});
}

static void do_capture(struct lu_fabric *fabric, struct order *order)
{
	struct lu_port *port = lu_switch_port(&fabric->net, order->port);
	struct lu_pcap *old = port ? port->pcap : order->pcap;

	if (port)
		port->pcap = order->pcap;
	lu_pcap_free(old);
}

bool lu_fabric_capture(struct lu_fabric *fabric, int port, int fd, GError **error)
{
	struct order order = {.run = do_capture, .port = port};

	if (fd >= 0) {
		order.pcap = lu_pcap_new(fd, error);
		if (!order.pcap)
			return false;
	}
	give(fabric, &order);
	return true;
}

void lu_fabric_follow(struct lu_fabric *fabric)
{
	g_atomic_int_set(&fabric->following, 1);
}

void lu_fabric_handshake(struct lu_fabric *fabric, uint16_t port, struct lu_handshake *seen)
{
	lu_handshakes_find(fabric->handshakes, port, seen);
}

void lu_fabric_forget(struct lu_fabric *fabric, uint16_t port)
{
	lu_handshakes_forget(fabric->handshakes, port);
}

static void do_stats(struct lu_fabric *fabric, struct order *order)
{
	const struct lu_port *port = lu_switch_port(&fabric->net, order->port);

	memset(order->stats, 0, sizeof(*order->stats));
	if (!port)
		return;
	*order->stats = port->stats;
	order->stats->held = port->in.gate.held.length + port->out.gate.held.length;
	order->stats->plugged = port->fd >= 0 || port->deliver;
}

void lu_fabric_stats(struct lu_fabric *fabric, int port, struct lu_port_stats *stats)
{
	give(fabric, &(struct order){.run = do_stats, .port = port, .stats = stats});
}

struct lu_fabric *lu_fabric_new(const struct lu_io *io, GError **error)
{
	struct lu_fabric *fabric = g_new0(struct lu_fabric, 1);

	fabric->io = io;
	g_mutex_init(&fabric->lock);
	g_cond_init(&fabric->carried_out);
	g_queue_init(&fabric->orders);
	fabric->fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	fabric->handshakes = lu_handshakes_new();
	lu_switch_init(&fabric->net);
	fabric->net.now_ns = io->now(io);
	lu_switch_add(&fabric->net, "host", host_mac, LU_GATE_OPEN, to_host, fabric);
	fabric->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fabric->slirp = lu_slirp_new(io, from_host, fabric, error);
	if (fabric->slirp && fabric->wake < 0)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "eventfd: %s", g_strerror(errno));
	else if (fabric->slirp)
		fabric->thread = io->thread(io, "fabric", run, fabric);
	if (!fabric->thread)
		g_clear_pointer(&fabric, lu_fabric_free);
	return fabric;
}

void lu_fabric_free(struct lu_fabric *fabric)
{
	if (!fabric)
		return;
	if (fabric->thread) {
		give(fabric, &(struct order){.run = do_quit});
		g_thread_join(fabric->thread);
	}
	lu_slirp_free(fabric->slirp);
	lu_switch_clear(&fabric->net);
	lu_handshakes_free(fabric->handshakes);
	if (fabric->wake >= 0)
		close(fabric->wake);
	g_array_unref(fabric->fds);
	g_cond_clear(&fabric->carried_out);
	g_mutex_clear(&fabric->lock);
	g_free(fabric);
}
