/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch between the ports: it learns which address is on which port, forwards, floods, and
 * fails over. It has no thread and no clock: the caller sets now_ns before each call.
 */
#pragma once
#include "qemu/fabric/port.h"

struct lu_switch {
	struct lu_mac_table *addresses[LU_FABRIC_SEGMENTS];
	struct lu_port *ports[LU_FABRIC_PORTS];
	int n_ports;
	int64_t now_ns;
};

void lu_switch_init(struct lu_switch *net);
/* Frees the ports, too. */
void lu_switch_clear(struct lu_switch *net);
/*
 * A new port of the clients' segment; the switch owns it. deliver (with data) NULL: a QEMU will be
 * plugged into it. NULL when all ports are taken.
 */
struct lu_port *lu_switch_add(struct lu_switch *net, const char *name,
			      const uint8_t mac[LU_MAC_BYTES], enum lu_gate_state state,
			      void (*deliver)(void *data, const uint8_t *frame, size_t len),
			      void *data);
/* Put that port on another segment, before it has passed any frame. */
void lu_switch_segment(struct lu_switch *net, int port, enum lu_fabric_segment segment);
/* NULL: no such port. */
struct lu_port *lu_switch_port(const struct lu_switch *net, int port);
/* These do nothing when there is no such port; else as lu_fabric_gate and lu_fabric_flip. */
void lu_switch_gate(struct lu_switch *net, int port, enum lu_gate_state state);
void lu_switch_flip(struct lu_switch *net, int from, int to, uint32_t ip);
/* Pass the frames that have left any link. */
void lu_switch_run(struct lu_switch *net);
/* When the next frame leaves a link; INT64_MAX: all are empty. */
int64_t lu_switch_next_ns(const struct lu_switch *net);
