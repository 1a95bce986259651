/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's network interfaces by ioctl(2) (netdevice(7)): that of the clients, and where there
 * is one, that of the replication network. What sets something returns false with errno.
 */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>

/* The first with hardware behind it that is, or is not, the replication network's; name has room
 * for IFNAMSIZ. false: there is none. */
bool interface_find(bool link, char *name);
/* The machine's number on the replication network, 0: this is another interface. */
unsigned interface_link_number(const char *name);
/* Flags IFF_… */
bool interface_set_flags(const char *name, short set, short clear);
bool interface_set_address(const char *name, in_addr_t address, unsigned prefix);
bool interface_set_mtu(const char *name, int mtu);
void loopback_up(void);

/* The clients' interface that is up, or NULL; the name is copied. */
const char *net_interface(void);
void net_interface_set(const char *name);
/* This machine's address on the replication network, or NULL; it is copied. */
const char *link_address(void);
void link_address_set(const char *address);
