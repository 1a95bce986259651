/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated second machine, as model/guest.h says. */
#pragma once
#include "sim/state.h"

bool sim_standby_start(struct lu_guest *guest, enum lu_standby_kind kind, enum lu_release release,
		       int64_t timeout_ns, GError **error);
bool sim_standby_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		      json_t **reply, GError **error);
bool sim_standby_copy(struct lu_guest *guest, const struct lu_migration_config *config,
		      int64_t timeout_ns, GError **error);
bool sim_standby_switch(struct lu_guest *guest, int64_t timeout_ns, GError **error);
bool sim_standby_drop(struct lu_guest *guest, GError **error);
