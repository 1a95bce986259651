/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path of packets through one instance of a component, in network namespaces of its own:
 * sending sockets at one end, a receiving one at the other. What lies in between depends
 * on the kind of path.
 */
#pragma once
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/packets/guest/flow.h"
#include "workloads/kit/packets/guest/histogram.h"

enum { PATHS = 2, FLOWS_MAX = 18 };

/* Flow 0 carries the requests' packets, flow 1 sends now and then, the others as much as
 * their window allows. */
enum { FLOW_ASKED, FLOW_TIMED, FLOW_BULK };

enum class { CLASS_THIN, CLASS_BULK, CLASSES };

struct path {
	struct line_source source; /* its receiver; must be first */
	unsigned index;
	int receiver;
	int rtnl, netns; /* of the sending namespace; netns: if that is a separate one */
	int senders[FLOWS_MAX];
	struct flow flows[FLOWS_MAX];
	unsigned mark;	  /* of the last packet */
	uint64_t came_ns; /* when the last packet arrived, or bulk packets were given up */
	struct histogram latency[CLASSES][FLOW_MARKS];
};

struct path_options {
	long window, bulk, size, timed_us, rate, limit;
	bool one_backlog; /* one CPU takes what the scheduler delivers, whichever did */
};

struct path_ops {
	const char *carried; /* file that says how many packets swaps have carried over */
	/* Build the path, and leave the process in the receiving namespace. */
	void (*build)(struct path *path, const struct path_options *options);
	/* Optional: enter the sending namespace, where that is a separate one. */
	void (*to_senders)(struct path *path);
	/* Address that packets of path go to. */
	void (*address)(const struct path *path, char *text, size_t size);
	/* Packets that the kernel reports as dropped, or as still queued. */
	void (*held)(struct path *path, uint64_t *drops, uint64_t *left);
};

extern const struct path_ops path_queue, path_netdev;

/* Ends the process with a line that says what failed, with errno. */
void path_die(const char *what) __attribute__((noreturn));
/* Builds the path and opens the sockets. Leaves the process in another namespace. */
void path_open(struct path *path, const struct path_ops *ops, const struct path_options *options);
/* Send count packets of a flow; returns how many the socket accepted. */
unsigned path_send(struct path *path, unsigned flow, unsigned count,
		   const struct path_options *options);
/* Receive what has arrived, at most a batch; returns how many. */
unsigned path_receive(struct path *path, const struct path_options *options);
