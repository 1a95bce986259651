/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `criu swrk`: a CRIU that has been started, has found its libraries and waits on a socket for
 * one order (images/rpc.proto of CRIU). What it takes to start is then spent before the
 * service stands still.
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
	/* of a dump */
	pid_t pid;
	const char *parent; /* folder of the round before, relative to images, or NULL */
	bool end;	    /* the processes end when they are dumped */
	int pages;	    /* the worker's descriptor of a page server's socket, -1: none */
};

struct worker_ops {
	/* Of a dump: all that it takes is in the images and at the page server. CRIU holds the
	 * processes until worker_release. */
	void (*dumped)(void *data);
	/* The last call. ok: it did what it was told; pid: of a restored process;
	 * why: CRIU's words, when it has any. It ends without having been told
	 * anything: ok is false, told too. */
	void (*ended)(void *data, bool ok, pid_t pid, const char *why);
};

struct worker_how {
	int inherit; /* a descriptor that it gets as well, -1: none */
	bool nolock; /* the network is locked by others, and CRIU is not to do it once more */
};

/* NULL with errno; ops is borrowed. */
struct worker *worker_start(const struct worker_how *how, const struct worker_ops *ops, void *data);
/* false: it is not there any more. */
bool worker_dump(struct worker *worker, const struct worker_order *order);
bool worker_restore(struct worker *worker, const struct worker_order *order);
/* After dumped(): let it finish, which leaves the processes as it found them. */
void worker_release(struct worker *worker);
/* One that has no order: it goes away, ended() is not called. */
void worker_dismiss(struct worker *worker);
