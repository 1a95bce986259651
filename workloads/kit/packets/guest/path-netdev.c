/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path through the network driver: a pair of its interfaces (kmod/net), each end in its own
 * namespace. The first path uses the instance lunet0. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>
#include "workloads/kit/packets/guest/path.h"
#include "workloads/kit/guest/rtnl.h"

enum { SENDS, RECEIVES };

static void link_name(const struct path *path, int end, char *name)
{
	snprintf(name, IFNAMSIZ, "lunet%u%c", path->index, 'a' + end);
}

static void end_address(const struct path *path, int end, char *text, size_t size)
{
	snprintf(text, size, "10.77.%u.%d", path->index, end + 1);
}

/* Move this end into a new namespace and bring it up. Returns a socket for that namespace. */
static int place(const struct path *path, int end, int home, int *netns)
{
	char name[IFNAMSIZ], address[INET_ADDRSTRLEN];
	int rtnl;

	link_name(path, end, name);
	end_address(path, end, address, sizeof(address));
	*netns = netns_new();
	rtnl = rtnl_open();
	/* With a queue of its own: a packet that the driver does not accept now waits there. */
	if (*netns < 0 || rtnl < 0 || !rtnl_move(home, name, *netns) ||
	    !rtnl_qdisc(rtnl, name, "pfifo", NULL, 0) ||
	    !rtnl_address(rtnl, name, inet_addr(address), 24) || !rtnl_up(rtnl, name))
		path_die(name);
	return rtnl;
}

static void build(struct path *path, const struct path_options *options)
{
	int home = rtnl_open(), receives;

	path->rtnl = place(path, SENDS, home, &path->netns);
	close(place(path, RECEIVES, home, &receives));
	close(home);
}

static void to_senders(struct path *path)
{
	if (!netns_enter(path->netns))
		path_die("network namespace");
}

static void address(const struct path *path, char *text, size_t size)
{
	end_address(path, RECEIVES, text, size);
}

static void held(struct path *path, uint64_t *drops, uint64_t *left)
{
	struct rtnl_queue queue;
	char name[IFNAMSIZ];

	link_name(path, SENDS, name);
	if (!rtnl_queue(path->rtnl, name, &queue))
		path_die(name);
	*drops += queue.drops;
	*left += queue.length;
}

const struct path_ops path_netdev = {
	.carried = "/sys/module/lu_net_form/parameters/carried",
	.build = build,
	.to_senders = to_senders,
	.address = address,
	.held = held,
};
