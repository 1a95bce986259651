/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the simulated agent. */
#pragma once
#include "sim/verb.h"

/* NULL: there is none of that name, and the error says so. */
const struct sim_verb *sim_verb_find(const char *name, GError **error);
/* Add the costs that the families state, as far as the machine does not. */
void sim_verb_costs(struct lu_sim_costs *costs);
bool sim_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
	      json_t **reply, GError **error);
/* A call that starts the next kernel; returns when that one's agent speaks. */
bool sim_jump(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
	      GError **error);
