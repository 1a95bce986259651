/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces, links, addresses, routes and queueing disciplines by
 * rtnetlink(7), for services that build a network of their own inside a guest. What
 * returns bool says why not in errno.
 */
#pragma once
#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new namespace that this thread is in from here on: its descriptor, to enter it again; -1. Its
 * loopback is up. */
int netns_new(void);
/* The namespace that this thread is in: its descriptor, -1. */
int netns_current(void);
bool netns_enter(int netns);
/* Packets for others are passed on in the namespace that this thread is in. */
bool netns_forward(void);

/* A socket that speaks for the namespace in which it was opened, for as long as it is open; -1. */
int rtnl_open(void);
/* A pair of links, here and (netns, -1: here too) in another namespace. */
bool rtnl_veth(int rtnl, const char *name, const char *peer, int netns);
bool rtnl_up(int rtnl, const char *name);
/* address is in network order. */
bool rtnl_address(int rtnl, const char *name, in_addr_t address, unsigned prefix);
/* To address/prefix by that gateway; 0/0 is the default route. */
bool rtnl_route(int rtnl, in_addr_t address, unsigned prefix, in_addr_t gateway);
/* The link goes into another namespace, which forgets its addresses. */
bool rtnl_move(int rtnl, const char *name, int netns);

/* An option of a queueing discipline: its number there, and its value. */
struct rtnl_option {
	uint16_t type;
	const void *value;
	size_t len;
};

/* The link's root discipline is of that kind, in place of what it had; options (count of them):
 * NULL: its defaults. */
bool rtnl_qdisc(int rtnl, const char *name, const char *kind, const struct rtnl_option *options,
		unsigned count);

struct rtnl_queue {
	uint64_t packets, drops, length; /* that it let out, dropped, and holds */
};

/* What the link's root discipline says of itself. */
bool rtnl_queue(int rtnl, const char *name, struct rtnl_queue *queue);
