/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The passing connections of the real client, on its thread: each is opened at its intended time,
 * sends its request, is closed when the reply is there. None is tried twice: what becomes of an
 * attempt is what is measured.
 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "engine/client.h"
#include "model/churn.h"

struct lu_churn_client;

/* Borrows all pointers. */
struct lu_churn_client *lu_churn_client_new(const struct lu_io *io, struct lu_churn *churn,
					    const struct lu_client_peer *peer);
/* Closes all connections. NULL is fine. */
void lu_churn_client_free(struct lu_churn_client *client);
/* End what has expired, open what is due. */
void lu_churn_client_run(struct lu_churn_client *client);
/* When lu_churn_client_run has something to do next. */
int64_t lu_churn_client_next(const struct lu_churn_client *client);
/* Appends what is to be polled (struct pollfd), the same number of them until the next run. */
void lu_churn_client_fill(const struct lu_churn_client *client, GArray *fds);
/* Handles what poll() returned for those. */
void lu_churn_client_handle(struct lu_churn_client *client, const struct pollfd *fds);
