/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Injects the plan's fault (model/fault.h) into the first phase of its kind. */
#pragma once
#include "model/fault.h"

struct lu_injection {
	const char *phase;	      /* "PREPARE", …, or NULL: none */
	const struct lu_fault *fault; /* NULL: none */
	bool done;
};

/* Before the body: false when it must not run. index is the phase's. */
bool lu_inject_before(struct lu_injection *injection, struct lu_run *run,
		      const struct lu_phase *phase, int64_t index, GError **error);
/* After a body that succeeded: false when it is to count as failed, or when the fault could not be
 * made. */
bool lu_inject_after(struct lu_injection *injection, struct lu_run *run,
		     const struct lu_phase *phase, int64_t index, GError **error);
/* After the last phase, or before the first undo. */
void lu_inject_lift(struct lu_injection *injection, struct lu_run *run);
