/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's network interfaces by ioctl(2) (netdevice(7)): that of the clients, and that of the
 * replication network where there is one. Setters return false with errno.
 */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>

/* The first hardware interface: the replication network's (link), or one that is not. name has room
 * for IFNAMSIZ. false: there is none. */
bool interface_find(bool link, char *name);
/* The machine's number on the replication network, from its interface; 0: another interface. */
unsigned interface_link_number(const char *name);
/* Flags IFF_… */
bool interface_set_flags(const char *name, short set, short clear);
bool interface_set_address(const char *name, in_addr_t address, unsigned prefix);
bool interface_set_mtu(const char *name, int mtu);
void loopback_up(void);

/* Name of the clients' interface if it is up, or NULL; static, valid until the next call. */
const char *net_interface(void);
void net_interface_set(const char *name);
/* This machine's address on the replication network, or NULL; static, valid until the next call. */
const char *link_address(void);
void link_address_set(const char *address);
