/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port of the switch: two lanes, counters, a capture, and (but for the
 * host's) a socket to a QEMU. */
#pragma once
#include <poll.h>
#include "qemu/fabric/lane.h"
#include "qemu/fabric/pcap.h"

struct lu_port {
	int index;
	enum lu_fabric_segment segment; /* the only one whose frames it sees */
	char *name;
	uint8_t mac[LU_MAC_BYTES];
	struct lu_lane in, out; /* from the machine, to the machine */
	bool opened;		/* its gate has been open */
	struct lu_port_stats stats;
	struct lu_pcap *pcap; /* or NULL */
	/* Called for a frame from the machine that has passed link and gate: switch it. */
	void (*arrived)(void *fabric, struct lu_port *port, const uint8_t *frame, size_t len);
	void *fabric;
	/* Hand a frame to the machine. NULL: to the socket. */
	void (*deliver)(void *data, const uint8_t *frame, size_t len);
	void *data;
	int fd;		    /* -1: unplugged, or the host's */
	GQueue queue;	    /* GBytes that QEMU has not taken yet */
	size_t queue_bytes; /* bounded */
	uint8_t *buffer;    /* for reading */
};

/* arrived, fabric, deliver and data are the caller's to set. */
struct lu_port *lu_port_new(const char *name, const uint8_t mac[LU_MAC_BYTES],
			    enum lu_gate_state state);
void lu_port_free(struct lu_port *port);
/* Takes the socket; -1: unplug. Frames queued for the previous machine are dropped. */
void lu_port_plug(struct lu_port *port, int fd);
/* The machine sent this. */
void lu_port_receive(struct lu_port *port, int64_t now_ns, const uint8_t *frame, size_t len);
/* The switch sends this to the machine. */
void lu_port_send(struct lu_port *port, int64_t now_ns, const uint8_t *frame, size_t len);
void lu_port_gate(struct lu_port *port, enum lu_gate_state state);
void lu_port_shape(struct lu_port *port, const struct lu_shape_config *config);
/* Pass the frames that have left the link of either lane. */
void lu_port_run(struct lu_port *port, int64_t now_ns);
int64_t lu_port_next_ns(const struct lu_port *port);
/* What to wait for on port->fd. */
short lu_port_events(const struct lu_port *port);
/* Handle what poll() returned. A bounded number of
 * frames is read, so that no port starves another. */
void lu_port_dispatch(struct lu_port *port, short events, int64_t now_ns);
