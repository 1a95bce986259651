/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, sockets and threads. Code that waits on threads of its own (the engine's client, the
 * fabric) waits through this interface, so that a test can replace it by one whose time passes only
 * while all threads wait.
 */
#pragma once
#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define LU_NS_PER_MS INT64_C(1000000)
#define LU_NS_PER_S  INT64_C(1000000000)

struct lu_io {
	/* The clock, ns, callable from every thread. Events
	 * that a guest stamps must be on the same clock. */
	int64_t (*now)(const struct lu_io *io);
	/* ppoll() with an absolute deadline (INT64_MAX: none) instead of a timeout. The same
	 * results; a signal does not end it. */
	int (*poll)(const struct lu_io *io, struct pollfd *fds, nfds_t count, int64_t until_ns);
	/* Begins to connect a non-blocking, close-on-exec stream socket to a loopback port. Returns
	 * the descriptor, or -1 (errno). *connected: the connection is up already; else it is
	 * decided when the descriptor is writable (lu_socket_error). */
	int (*connect)(const struct lu_io *io, uint16_t port, bool *connected);
	/* A thread that takes no signals. It is joined only after it has been told to end without
	 * further waiting. */
	GThread *(*thread)(const struct lu_io *io, const char *name, GThreadFunc main,
			   gpointer data);
	/* Where procfs tells of the CPU that all this takes. NULL: the clock is not that of a host,
	 * and no CPU can make it late. */
	const char *proc;
};

/* CLOCK_MONOTONIC and TCP. */
extern const struct lu_io lu_io_host;
/* The clock of lu_io_host. */
int64_t lu_monotonic_ns(void);
