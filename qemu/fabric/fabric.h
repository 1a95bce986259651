/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric: a layer-2 switch in this process, on a thread of its own, that joins QEMUs (each a
 * port) and the host's clients. The host's side is libslirp on port LU_FABRIC_HOST: it holds the
 * clients' TCP connections, so they outlive any QEMU. Nothing of it has a name in the file system,
 * and it listens on 127.0.0.1 only.
 *
 *     client ── 127.0.0.1:N ── libslirp ─┐              ┌─ link ── gate ── QEMU
 *                          (LU_FABRIC_HOST)└── switch ──┤
 *                                                       └─ link ── gate ── QEMU
 *                                       (each QEMU has -netdev dgram on a socket pair)
 *
 * Each port has in both directions a link (bandwidth, delay, loss) and a gate. Gates are the last
 * stage before the switch and before the wire, so a frame in flight when a gate closes does not
 * pass.
 *
 * Every function may be called from any thread but the fabric's own. Each returns after the
 * fabric's thread has carried it out, between two frames: no frame ever sees half of a change.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "model/guest.h"
#include "qemu/fabric/gate.h"
#include "record/shape.h"
#include "qemu/fabric/table.h"

#define LU_FABRIC_HOST	0 /* port of the host's side, open from the beginning */
#define LU_FABRIC_PORTS 16
#define LU_FABRIC_HOLD_BYTES                                                                       \
	((size_t)4 * 1024 * 1024) /* that a gate holds at most, in each direction */

/* The network of QEMU's user networking. */
#define LU_FABRIC_NETWORK 0x0a000200u /* 10.0.2.0/24, host byte order as all addresses here */
#define LU_FABRIC_GATEWAY 0x0a000202u
#define LU_FABRIC_GUEST	  0x0a00020fu /* 10.0.2.15 */

/* Segments are isolated from each other, as if they were two switches. */
enum lu_fabric_segment {
	LU_SEGMENT_CLIENTS,	/* where libslirp is */
	LU_SEGMENT_REPLICATION, /* between a machine and its standby */
	LU_FABRIC_SEGMENTS
};

enum lu_fabric_drop {
	LU_DROPPED_GATE,      /* closed or black hole, and what was held when it became so */
	LU_DROPPED_HOLD_FULL, /* the holding gate had no room */
	LU_DROPPED_LOSS,      /* lost by the link, as configured */
	LU_DROPPED_LINK_FULL, /* the link's queue had no room */
	LU_DROPPED_QEMU_FULL, /* QEMU did not take it, and the port's queue had no room */
	LU_DROPPED_UNPLUGGED, /* the port had no machine */
	/* shorter than an Ethernet header, or longer than LU_FABRIC_FRAME; to the host's side: headers
	 * that contradict each other */
	LU_DROPPED_MALFORMED,
	LU_DROPPED_LOCAL,    /* its destination is on the port it came from */
	LU_DROPPED_FRAGMENT, /* of IP, to the host's side */
	LU_DROPPED_PROTOCOL, /* neither ARP nor TCP over IPv4, to the host's side */
	LU_DROP_REASONS,
};

#define LU_FABRIC_FRAME 16384 /* longest frame, bytes */

struct lu_port_stats {
	uint64_t frames_in, bytes_in;	/* came from the port's machine */
	uint64_t frames_out, bytes_out; /* handed to it */
	uint64_t dropped[LU_DROP_REASONS];
	uint64_t held;	/* now, frames */
	uint64_t moves; /* addresses that came here from another port */
	/* frames that passed, in either direction, before the gate was first opened: always 0 */
	uint64_t leaked_before_open;
	uint64_t captured;     /* frames that are in the capture file */
	uint64_t not_captured; /* because it was full, or could not be written any more */
	bool plugged;
};

/* "gate", "hold-full", …: for reports. */
const char *lu_fabric_drop_name(enum lu_fabric_drop reason);

struct lu_fabric;

/* Starts its thread, which waits and tells time by io. LU_ERROR_FAILED. */
struct lu_fabric *lu_fabric_new(const struct lu_io *io, GError **error);
/* Stops and joins the thread and closes all connections. NULL is fine. */
void lu_fabric_free(struct lu_fabric *fabric);

/* A port for the machine with that address; returns its number, or -1 (LU_ERROR_FAILED) when all
 * are taken. */
int lu_fabric_add_port(struct lu_fabric *fabric, const char *name, const uint8_t mac[LU_MAC_BYTES],
		       enum lu_gate_state state, GError **error);
/* The same on the private segment, from which no path leads to the clients; its gate is open. */
int lu_fabric_add_private_port(struct lu_fabric *fabric, const char *name,
			       const uint8_t mac[LU_MAC_BYTES], GError **error);
/*
 * A new cable: the descriptor (a SOCK_SEQPACKET socket, close-on-exec, the caller's) to give to a
 * QEMU as -netdev dgram,local.type=fd. The previous one is unplugged. When its other end is closed
 * the port unplugs itself; gate and link stay as they are. -1 with LU_ERROR_FAILED.
 */
int lu_fabric_plug(struct lu_fabric *fabric, int port, GError **error);
void lu_fabric_unplug(struct lu_fabric *fabric, int port);

/*
 * Connections to the returned port of 127.0.0.1 (a free one) lead to that address and port of the
 * fabric. 0 with LU_ERROR_FAILED.
 */
uint16_t lu_fabric_forward(struct lu_fabric *fabric, uint32_t guest_ip, uint16_t guest_port,
			   GError **error);

/* Both directions of the port's gate. */
void lu_fabric_gate(struct lu_fabric *fabric, int port, enum lu_gate_state state);
/*
 * Fail over: close the gate of one port and open the other's in one step. Addresses that were
 * behind `from` are forgotten, that of `to` is now known to be there, and an announcement
 * (gratuitous ARP, RFC 5227) tells all peers, libslirp included, that ip is at `to`'s address: the
 * next frame goes to the new machine. ip 0: announce nothing.
 */
void lu_fabric_flip(struct lu_fabric *fabric, int from, int to, uint32_t ip);
/* A link for each direction, from now on; NULL: none. The link towards the machine is seeded with
 * seed + 1. */
void lu_fabric_shape(struct lu_fabric *fabric, int port, const struct lu_shape_config *config);
/* Capture what passes the port's gate into fd (taken; at most LU_PCAP_MOST bytes), -1: stop.
 * LU_ERROR_FAILED when it cannot be written. */
bool lu_fabric_capture(struct lu_fabric *fabric, int port, int fd, GError **error);
/* From now on follow clients' connections from their SYN on, and repeat SYNs as Linux would
 * (qemu/fabric/handshakes.h). */
void lu_fabric_follow(struct lu_fabric *fabric);
/* How the guest's kernel answered the client's connection from that port of 127.0.0.1, as far as it
 * is known; and the client has closed it. They do not wait for the thread, and do nothing before
 * lu_fabric_follow(). */
void lu_fabric_handshake(struct lu_fabric *fabric, uint16_t port, struct lu_handshake *seen);
void lu_fabric_forget(struct lu_fabric *fabric, uint16_t port);
void lu_fabric_stats(struct lu_fabric *fabric, int port, struct lu_port_stats *stats);
/* For a result's environment: libslirp's version, the port's frames, and what was dropped why, there
 * and (host_dropped) on the host's side, which all ports share. New reference. */
json_t *lu_fabric_describe(struct lu_fabric *fabric, int port);
