/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `criu swrk`: a CRIU that has been started, has loaded its libraries and waits on a socket for one
 * request (images/rpc.proto of CRIU). Its start is thus over before the service is frozen.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct worker;

struct worker_order {
	const char *images; /* folder */
	const char *log;    /* file in CRIU_WORK */
	bool tcp;
	bool buildid; /* compare the builds of mapped files too, not their sizes only */
	/* of a dump */
	pid_t pid;
	const char *parent; /* folder of the previous pre-dump round, relative to images, or NULL */
	bool end;	    /* end the processes after the dump */
	int pages;	    /* the worker's descriptor of the page server's socket, -1: none */
};

struct worker_ops {
	/* A dump is complete in the images and at the page server. CRIU keeps the processes frozen
	 * until worker_release. */
	void (*dumped)(void *data);
	/* The last call. ok: it carried out its request; pid: of a restored process; why: CRIU's
	 * error, if it has one. Also called, with ok false, when it ends without a request. */
	void (*ended)(void *data, bool ok, pid_t pid, const char *why);
};

struct worker_how {
	int inherit;	    /* a descriptor that CRIU inherits, -1: none */
	bool nolock;	    /* the agent has locked the network, and CRIU must not lock it again */
	bool no_huge_pages; /* of what it restores */
};

/* NULL with errno; ops is borrowed. */
struct worker *worker_start(const struct worker_how *how, const struct worker_ops *ops, void *data);
/* false: CRIU has ended. */
bool worker_dump(struct worker *worker, const struct worker_order *order);
bool worker_restore(struct worker *worker, const struct worker_order *order);
/* After dumped(): let CRIU finish, which leaves the processes as it found them. */
void worker_release(struct worker *worker);
/* End a worker that has no request; ended() is not called. */
void worker_dismiss(struct worker *worker);
