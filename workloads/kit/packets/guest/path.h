/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path that packets take through one instance of a component, in network namespaces of its own:
 * sockets that send at one end, one that receives at the other. What is beneath is the way's.
 */
#pragma once
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/packets/guest/flow.h"
#include "workloads/kit/packets/guest/histogram.h"

enum { PATHS = 2, FLOWS_MAX = 18 };

/* Flow 0 is the requests', flow 1 sends now and then, the others as much as their window allows. */
enum { FLOW_ASKED, FLOW_TIMED, FLOW_BULK };

enum class { CLASS_THIN, CLASS_BULK, CLASSES };

struct path {
	struct line_source source; /* of its receiver: first */
	unsigned index;
	int receiver;
	int rtnl, netns; /* of the namespace that sends; netns: where it is another */
	int senders[FLOWS_MAX];
	struct flow flows[FLOWS_MAX];
	unsigned mark;	  /* of the last packet */
	uint64_t came_ns; /* the last packet, or when bulk was given up */
	struct histogram latency[CLASSES][FLOW_MARKS];
};

struct path_options {
	long window, bulk, size, timed_us, rate, limit;
};

struct way {
	const char *carried; /* file that says how many packets moves have carried over */
	/* Build what is beneath path, and leave the process in the namespace that receives. */
	void (*build)(struct path *path, const struct path_options *options);
	/* Optional: into the namespace that sends, where that is another. */
	void (*to_senders)(struct path *path);
	/* Address that packets of path go to. */
	void (*address)(const struct path *path, char *text, size_t size);
	/* What the kernel says of packets that it dropped, or still holds, by now. */
	void (*held)(struct path *path, uint64_t *drops, uint64_t *left);
};

extern const struct way way_queue, way_netdev;

/* Ends the process with a line that says what failed, errno with it. */
void path_die(const char *what) __attribute__((noreturn));
/* Builds what is beneath, and opens the sockets. Leaves the process in another namespace. */
void path_open(struct path *path, const struct way *way, const struct path_options *options);
/* count packets of a flow; how many the socket took. */
unsigned path_send(struct path *path, unsigned flow, unsigned count,
		   const struct path_options *options);
/* All that have come, at most a batch; how many. */
unsigned path_receive(struct path *path, const struct path_options *options);
