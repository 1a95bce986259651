/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load and the exchanges of a simulated guest. */
#pragma once
#include "sim/state.h"

/* Serve the requests that the kernel has queued for the service, if the service runs. */
void sim_serve(struct sim *sim);
bool sim_load_start(struct lu_guest *guest, unsigned service, struct lu_load *load, GError **error);
void sim_load_stop(struct lu_guest *guest, struct lu_load *load, int64_t drain_ns);
void sim_impair(struct lu_guest *guest, bool on);
void sim_cut(struct lu_guest *guest, bool off);
bool sim_exchange(struct lu_guest *guest, unsigned service, const struct lu_exchange *exchange,
		  GError **error);
