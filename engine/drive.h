/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives a load against a guest: by the guest itself on its own clock if it can, else by the real
 * client thread. */
#pragma once
#include "host/io.h"
#include "model/guest.h"

struct lu_drive;

/* service: its number in the plan (lu_plan_service). */
struct lu_drive *lu_drive_start(const struct lu_io *io, struct lu_guest *guest, unsigned service,
				struct lu_load *load, GError **error);
/* No new requests; returns when nothing is outstanding or drain_ns is over. Fails when the guest
 * dies or the run is cancelled meanwhile; the load has ended in any case. */
bool lu_drive_stop(struct lu_drive *drive, int64_t drain_ns, GError **error);
/* Ends the load without a drain if it still runs. NULL is fine. */
void lu_drive_free(struct lu_drive *drive);
