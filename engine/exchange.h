/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a closed list of requests (model/exchange.h) over one connection. */
#pragma once
#include "host/io.h"
#include "model/exchange.h"
#include "model/guest.h"

/* With that service (lu_plan_service), on the guest's own clock if it can, else over a socket to its endpoint, handling the guest's
 * events meanwhile. LU_ERROR_TIMEOUT, LU_ERROR_FAILED (connection lost, protocol broken) or
 * whatever ends the guest. */
bool lu_exchange_run(const struct lu_io *io, struct lu_guest *guest, unsigned service,
		     const struct lu_exchange *exchange, GError **error);
