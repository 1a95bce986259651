/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the simulated agent. */
#pragma once
#include "sim/verb.h"

/* NULL with error: there is no verb of that name. */
const struct sim_verb *sim_verb_find(const char *name, GError **error);
/* Add the families' default costs for the steps that the machine's costs.json does not have. */
void sim_verb_costs(struct lu_sim_costs *costs);
bool sim_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
	      json_t **reply, GError **error);
/* That release's kernel starts, unless the plan has it fail (LU_ERROR_FAILED, LU_ERROR_TIMEOUT). */
bool sim_boot(struct sim *sim, const char *what, enum lu_release release, int64_t timeout_ns,
	      GError **error);
/* Calls a verb that starts the next kernel; returns at the hello of its agent. */
bool sim_jump(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
	      GError **error);
