/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwarding between ports. */
#include "qemu/fabric/switch.h"
#include "qemu/fabric/frame.h"

static struct lu_mac_table *table_of(const struct lu_switch *net, const struct lu_port *port)
{
	return net->addresses[port->segment];
}

/* Frames stay within their segment, and each segment has a table of addresses of its own. */
static void flood(struct lu_switch *net, int from, const uint8_t *frame, size_t len)
{
	for (int i = 0; i < net->n_ports; i++)
		if (i != from && net->ports[i]->segment == net->ports[from]->segment)
			lu_port_send(net->ports[i], net->now_ns, frame, len);
}

static void arrived(void *data, struct lu_port *port, const uint8_t *frame, size_t len)
{
	struct lu_switch *net = data;
	struct lu_mac_table *addresses = table_of(net, port);
	int to = lu_mac_table_find(addresses, lu_frame_destination(frame), net->now_ns);

	if (lu_mac_table_learn(addresses, lu_frame_source(frame), port->index, net->now_ns))
		port->stats.moves++;
	if (to < 0)
		flood(net, port->index, frame, len);
	else if (to == port->index)
		port->stats.dropped[LU_DROPPED_LOCAL]++;
	else
		lu_port_send(net->ports[to], net->now_ns, frame, len);
}

void lu_switch_init(struct lu_switch *net)
{
	*net = (struct lu_switch){};
	for (int i = 0; i < LU_FABRIC_SEGMENTS; i++)
		net->addresses[i] = lu_mac_table_new();
}

void lu_switch_clear(struct lu_switch *net)
{
	for (int i = 0; i < net->n_ports; i++)
		lu_port_free(net->ports[i]);
	net->n_ports = 0;
	for (int i = 0; i < LU_FABRIC_SEGMENTS; i++)
		g_clear_pointer(&net->addresses[i], lu_mac_table_free);
}

struct lu_port *lu_switch_add(struct lu_switch *net, const char *name,
			      const uint8_t mac[LU_MAC_BYTES], enum lu_gate_state state,
			      void (*deliver)(void *data, const uint8_t *frame, size_t len),
			      void *data)
{
	struct lu_port *port;

	if (net->n_ports == LU_FABRIC_PORTS)
		return NULL;
	port = lu_port_new(name, mac, state);
	port->index = net->n_ports;
	port->arrived = arrived;
	port->fabric = net;
	port->deliver = deliver;
	port->data = data;
	net->ports[net->n_ports++] = port;
	return port;
}

void lu_switch_segment(struct lu_switch *net, int port, enum lu_fabric_segment segment)
{
	if (lu_switch_port(net, port))
		net->ports[port]->segment = segment;
}

struct lu_port *lu_switch_port(const struct lu_switch *net, int port)
{
	return port >= 0 && port < net->n_ports ? net->ports[port] : NULL;
}

void lu_switch_gate(struct lu_switch *net, int port, enum lu_gate_state state)
{
	if (!lu_switch_port(net, port))
		return;
	if (state == LU_GATE_CLOSED)
		lu_mac_table_forget(table_of(net, net->ports[port]), port);
	lu_port_gate(net->ports[port], state);
}

/* Sent on behalf of the machine, which may not know yet that it has taken over. */
static void announce(struct lu_switch *net, int port, uint32_t ip)
{
	uint8_t frame[LU_ARP_FRAME];

	lu_frame_announce(frame, net->ports[port]->mac, ip);
	flood(net, port, frame, sizeof(frame));
}

/* The address is flipped before the gate opens, so that held frames are forwarded correctly. */
void lu_switch_flip(struct lu_switch *net, int from, int to, uint32_t ip)
{
	if (!lu_switch_port(net, from) || !lu_switch_port(net, to))
		return;
	lu_switch_gate(net, from, LU_GATE_CLOSED);
	lu_mac_table_learn(table_of(net, net->ports[to]), net->ports[to]->mac, to, net->now_ns);
	if (ip)
		announce(net, to, ip);
	lu_switch_gate(net, to, LU_GATE_OPEN);
}

void lu_switch_run(struct lu_switch *net)
{
	for (int i = 0; i < net->n_ports; i++)
		lu_port_run(net->ports[i], net->now_ns);
}

int64_t lu_switch_next_ns(const struct lu_switch *net)
{
	int64_t next_ns = INT64_MAX;

	for (int i = 0; i < net->n_ports; i++)
		next_ns = MIN(next_ns, lu_port_next_ns(net->ports[i]));
	return next_ns;
}
