/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For each NAT a network of three namespaces: inside 10.N.0.0/16 with several addresses, a router
 * with the NAT at its link "outside", and the server's side 172.16.N.0/24.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "workloads/nat/guest/nat.h"
#include "workloads/kit/guest/rtnl.h"

#define ATTACH "/sys/module/lu_nat/parameters/attach"

struct net nets[NATS];
static int home;

static in_addr_t address(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return htonl(a << 24 | b << 16 | c << 8 | d);
}

static void must(bool ok, const char *what)
{
	if (!ok)
		die("%s: %s", what, strerror(errno));
}

void network_enter(int netns)
{
	must(netns_enter(netns), "cannot enter a network namespace");
}

void network_home(void)
{
	network_enter(home);
}

in_addr_t network_source(const struct net *net, unsigned i)
{
	return htonl(ntohl(net->first) + i);
}

static int here(void)
{
	int rtnl = rtnl_open();

	must(rtnl >= 0, "rtnetlink");
	return rtnl;
}

static void put_up(int rtnl, const char *link, in_addr_t at, unsigned prefix)
{
	must(rtnl_address(rtnl, link, at, prefix) && rtnl_up(rtnl, link), link);
}

static void make_inside(struct net *net, unsigned i, int router)
{
	int rtnl = here();

	must(rtnl_veth(rtnl, "up", "inside", router), "veth (is the module loaded?)");
	for (unsigned s = 0; s < options.sources; s++)
		must(rtnl_address(rtnl, "up", network_source(net, s), 16), "address");
	must(rtnl_up(rtnl, "up"), "link");
	close(rtnl);
}

static void make_server(struct net *net, unsigned i, int router)
{
	int rtnl = here();

	must(rtnl_veth(rtnl, "up", "outside", router), "veth");
	put_up(rtnl, "up", net->echo, 24);
	close(rtnl);
}

static void attach(unsigned i)
{
	char order[40];
	int fd = open(ATTACH, O_WRONLY | O_CLOEXEC);
	int n = snprintf(order, sizeof(order), "%u outside", i);

	must(fd >= 0 && write(fd, order, n) == n, ATTACH);
	close(fd);
}

/* This thread is in the router's namespace. */
static void make_router(struct net *net, unsigned i)
{
	int rtnl = here();

	put_up(rtnl, "inside", address(10, i, 0, 1), 16);
	put_up(rtnl, "outside", net->public, 24);
	must(netns_forward(), "forwarding");
	close(rtnl);
	attach(i);
}

static void route_out(unsigned i)
{
	int rtnl = here();

	must(rtnl_route(rtnl, 0, 0, address(10, i, 0, 1)), "route");
	close(rtnl);
}

static int make_netns(void)
{
	int netns = netns_new();

	must(netns >= 0, "network namespaces");
	return netns;
}

static void make_one(struct net *net, unsigned i)
{
	int router = make_netns(); /* stays open, as nothing else keeps the namespace */

	*net = (struct net){.first = address(10, i, 1, 1),
			    .public = address(172, 16, i, 1),
			    .echo = address(172, 16, i, 2)};
	net->inside = make_netns();
	make_inside(net, i, router);
	net->server = make_netns();
	make_server(net, i, router);
	network_enter(router);
	make_router(net, i);
	network_enter(net->inside);
	route_out(i);
}

void network_make(void)
{
	home = netns_current();
	must(home >= 0, "network namespaces");
	for (unsigned i = 0; i < NATS; i++)
		make_one(&nets[i], i);
	network_home();
}
