/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what a sweep's record holds was run as this program on this host would go on. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include "bench/exec/kit/sweep-record.h"

/* In what a result and a run here and now differ beside the plan, as lu_alike_difference(). here:
 * the guest that the plan would have, as far as it is known (lu_qemu_here()), NULL: nothing of
 * it. NULL: in nothing that is known. Caller frees. */
char *lu_sweep_unlike_here(const json_t *result, const json_t *here);
/*
 * The same for the first row of the record that differs: in processor, cores, kernel or revision,
 * and for real guests accelerator, QEMU or packages. Starts each QEMU that the sweep's plans name,
 * to ask for its version. Results that cannot be read say nothing here. Caller frees.
 */
char *lu_sweep_unlike(const struct lu_sweep_record *record, const struct lu_sweep *sweep);
