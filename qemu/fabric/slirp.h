/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of the fabric: libslirp, which is a router (10.0.2.2) with a TCP of its own. It
 * is restricted: it connects to nothing by itself, and listens on 127.0.0.1 only for forwarded
 * ports. For use by one thread.
 */
#pragma once
#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"

struct lu_slirp;

/* io: its clock. send is called with each frame from the
 * host's side, during any call below. LU_ERROR_FAILED. */
struct lu_slirp *lu_slirp_new(const struct lu_io *io,
			      void (*send)(void *data, const uint8_t *frame, size_t len),
			      void *data, GError **error);
/* Closes all its sockets. NULL is fine. */
void lu_slirp_free(struct lu_slirp *slirp);
/* A frame to the host's side, one that lu_admit() lets by. Not from within send(). */
void lu_slirp_input(struct lu_slirp *slirp, const uint8_t *frame, size_t len);
/*
 * TCP to the returned port of 127.0.0.1 leads to that address (host byte order) and port. 0 with
 * LU_ERROR_FAILED. libslirp listens with a backlog of one; it is raised here, so that clients may
 * come all at once.
 */
uint16_t lu_slirp_forward(struct lu_slirp *slirp, uint32_t guest_ip, uint16_t guest_port,
			  GError **error);
/* Appends the descriptors to poll to fds (struct pollfd);
 * returns the longest wait, ms, -1: no limit. */
int lu_slirp_fill(struct lu_slirp *slirp, GArray *fds);
/* After poll(), with the same array, whether or not anything is ready: timers run here, too. */
void lu_slirp_run(struct lu_slirp *slirp, GArray *fds, bool poll_failed);
