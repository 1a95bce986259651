/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Injects the plan's fault into the first phase of its kind. */
#pragma once
#include "model/strategy.h"

struct lu_fault {
	const char *phase; /* "PREPARE", …, or NULL: none */
	const char *kind;  /* lu_fault_kinds */
	bool done;
};

/* Before the body: false when it must not run (kind "before"). index is the phase's. */
bool lu_fault_before(struct lu_fault *fault, struct lu_run *run, const struct lu_phase *phase,
		     int64_t index, GError **error);
/* After a body that succeeded: false when it is to count as failed, or when the
 * sabotage itself failed. */
bool lu_fault_after(struct lu_fault *fault, struct lu_run *run, const struct lu_phase *phase,
		    int64_t index, GError **error);
