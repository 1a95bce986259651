/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections of the real client that stay, on its thread: they carry the load's requests, and a
 * lost one is opened anew. What a full socket does not accept waits in user space, so a paused
 * service never delays sending the next request on another connection, nor its timestamp on this one.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "engine/client.h"

struct lu_connections;

/* As many as the load has, all closed. Borrows all pointers. */
struct lu_connections *lu_connections_new(const struct lu_io *io, struct lu_load *load,
					  const struct lu_client_peer *peer);
/* Closes them. */
void lu_connections_free(struct lu_connections *all);
/* Open each, before the load begins; false: LU_ERROR_FAILED or LU_ERROR_TIMEOUT says which one was
 * not accepted in time. */
bool lu_connections_open(struct lu_connections *all, GError **error);
/* Send the requests that are due. */
void lu_connections_send(struct lu_connections *all);
/* Reopen what is due to be tried again by t_ns, give up what has not connected by then. */
void lu_connections_run(struct lu_connections *all, int64_t t_ns);
/* When lu_connections_run has something to do next. */
int64_t lu_connections_next(const struct lu_connections *all);
/* Appends what is to be polled (struct pollfd), as many as there are connections. */
void lu_connections_fill(const struct lu_connections *all, GArray *fds);
/* Handles what poll() returned for those. */
void lu_connections_handle(struct lu_connections *all, const struct pollfd *fds);
