/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each step costs on a machine: data, one table a machine (sim/costs.c). */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* What a cost per byte is counted over. */
enum lu_sim_bytes { LU_SIM_NO_BYTES, LU_SIM_STATE, LU_SIM_RELEASE };

struct lu_sim_cost {
	const char *step; /* a verb, or a part of a verb "verb:part" */
	int64_t fixed_ns;
	double byte_ns;
	enum lu_sim_bytes bytes;
};

struct lu_sim_costs {
	const char *machine;
	int64_t release_bytes;		 /* next kernel and initramfs, as packaged */
	int64_t kernel_used_bytes;	 /* guest memory in use with nothing but the agent */
	int64_t host_base_bytes;	 /* QEMU itself */
	const struct lu_sim_cost *steps; /* that are its own; ends with .step == NULL */
};

/* NULL: no costs for that machine. */
const struct lu_sim_costs *lu_sim_costs_find(const char *machine);
/* Mean cost of a step, ns; 0 for a step that the table does not have (a part that this machine does
 * not know). */
int64_t lu_sim_cost_ns(const struct lu_sim_costs *costs, const char *step, uint64_t state_bytes);
