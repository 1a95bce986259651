/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path through the packet scheduler: the loopback interface of a namespace, with the qdisc luq at
 * its root (kmod/queue). The first path uses the instance luq0. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kmod/queue/options.h"
#include "workloads/kit/packets/guest/path.h"
#include "workloads/kit/guest/rtnl.h"

#define SYSFS "/tmp/packets-sysfs"

/*
 * The loopback interface puts a packet into the backlog of the CPU that dequeued it, and backlogs
 * are worked off beside each other: between two CPUs the order of a flow is lost behind the
 * scheduler. Receive packet steering gives all of them to the first CPU. The interface's files are
 * in a sysfs that is mounted in its namespace.
 */
static void steer_to_one(void)
{
	int fd;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	mkdir(SYSFS, 0700);
	if (mount("sysfs", SYSFS, "sysfs", 0, NULL) < 0)
		path_die("sysfs");
	fd = open(SYSFS "/class/net/lo/queues/rx-0/rps_cpus", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		path_die("receive packet steering");
	close(fd);
	if (umount(SYSFS) < 0)
		path_die("sysfs");
	rmdir(SYSFS);
}

static void build(struct path *path, const struct path_options *options)
{
	const uint64_t rate = options->rate;
	const uint32_t limit = options->limit;
	const struct rtnl_option said[] = {{LUQ_RATE, &rate, sizeof(rate)},
					   {LUQ_LIMIT, &limit, sizeof(limit)}};

	if (netns_new() < 0)
		path_die("network namespace");
	if (options->one_backlog)
		steer_to_one();
	path->rtnl = rtnl_open();
	if (!rtnl_qdisc(path->rtnl, "lo", LUQ_KIND, said, 2))
		path_die("qdisc " LUQ_KIND);
}

static void address(const struct path *path, char *text, size_t size)
{
	snprintf(text, size, "127.0.0.1");
}

static void held(struct path *path, uint64_t *drops, uint64_t *left)
{
	struct rtnl_queue queue;

	if (!rtnl_queue(path->rtnl, "lo", &queue))
		path_die("statistics of " LUQ_KIND);
	*drops += queue.drops;
	*left += queue.length;
}

const struct path_ops path_queue = {
	.carried = "/sys/module/lu_queue_form/parameters/carried",
	.build = build,
	.address = address,
	.held = held,
};
