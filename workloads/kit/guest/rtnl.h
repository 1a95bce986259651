/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces, links, addresses, routes and queueing disciplines by rtnetlink(7),
 * for services that build a network of their own inside a guest. Functions that return bool
 * set errno on failure.
 */
#pragma once
#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Create a namespace and enter it with this thread: its descriptor, to enter it again;
 * -1. Its loopback is up. */
int netns_new(void);
/* A descriptor of this thread's namespace; -1. */
int netns_current(void);
bool netns_enter(int netns);
/* Enable forwarding in this thread's namespace. */
bool netns_forward(void);

/* A socket that stays bound to the namespace in which it was opened; -1. */
int rtnl_open(void);
/* Create a pair of links, one here and the peer in another namespace (netns; -1: here too). */
bool rtnl_veth(int rtnl, const char *name, const char *peer, int netns);
bool rtnl_up(int rtnl, const char *name);
/* address is in network order. */
bool rtnl_address(int rtnl, const char *name, in_addr_t address, unsigned prefix);
/* To address/prefix by that gateway; 0/0 is the default route. */
bool rtnl_route(int rtnl, in_addr_t address, unsigned prefix, in_addr_t gateway);
/* Move the link to another namespace; it loses its addresses. */
bool rtnl_move(int rtnl, const char *name, int netns);

/* An option of a queueing discipline: its number there, and its value. */
struct rtnl_option {
	uint16_t type;
	const void *value;
	size_t len;
};

/* Replace the link's root discipline by one of that kind; options (count of
 * them): NULL: its defaults. */
bool rtnl_qdisc(int rtnl, const char *name, const char *kind, const struct rtnl_option *options,
		unsigned count);

struct rtnl_queue {
	uint64_t packets, drops, length; /* sent, dropped, queued */
};

/* Statistics of the link's root discipline. */
bool rtnl_queue(int rtnl, const char *name, struct rtnl_queue *queue);
