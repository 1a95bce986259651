/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each step costs on a machine: data, machines/NAME/costs.json. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/machine.h"

/* The cost of a step. */
struct lu_sim_cost {
	const char *step; /* a verb of the agent, an act of the guest, or a part "VERB:PART" */
	int64_t fixed_ns;
	double state_ns, release_ns; /* per byte of the service's state, of the release */
};

#define LU_SIM_MS G_GINT64_CONSTANT(1000000) /* in ns */

/*
 * The file:
 *   source            where the numbers come from, for people
 *   release_mib       next kernel and initramfs, as packaged
 *   kernel_used_mib   guest memory in use with nothing but the agent
 *   host_base_mib     QEMU itself
 *   steps             {"STEP": {"fixed_ms", "ns_per_state_byte", "ns_per_release_byte", "note"}, …}
 * A step is a verb of the agent or an act of the guest ("boot"), or a part of one ("VERB:PART").
 * What is left out of a step is 0.
 */
struct lu_sim_costs {
	char *machine;
	int64_t release_bytes, kernel_used_bytes, host_base_bytes;
	GHashTable *steps; /* name → struct lu_sim_cost */
};

/* LU_ERROR_UNSUPPORTED: the machine's folder has no costs.json; LU_ERROR_USAGE: file, key and what
 * is allowed. */
struct lu_sim_costs *lu_sim_costs_load(const struct lu_machine *machine, GError **error);
/* The same from a parsed document, which is borrowed; `where` is the file's name for messages. */
struct lu_sim_costs *lu_sim_costs_from_doc(const json_t *doc, const char *where,
					   const char *machine, GError **error);
void lu_sim_costs_free(struct lu_sim_costs *costs);
/* Add the costs of steps that the file does not have. typical ends with .step == NULL. */
void lu_sim_costs_add(struct lu_sim_costs *costs, const struct lu_sim_cost *typical);

/* Is there a cost of that step? A part ("VERB:PART") without one costs nothing; a whole step
 * without one cannot be simulated. */
bool lu_sim_costs_have(const struct lu_sim_costs *costs, const char *step);
/* Mean cost of a step, ns; 0 for a step that the file does not have. */
int64_t lu_sim_cost_ns(const struct lu_sim_costs *costs, const char *step, uint64_t state_bytes);
