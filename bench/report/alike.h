/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When runs are alike: the same plan under the same conditions. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * A result's plan without its seed, and beside it "on": {"host": {"host_cpu", "host_cpus", "host_kernel",
 * "lubench"}, "accelerator", "guest": {"old_kernel", "new_kernel", …, "qemu", "packages": {name:
 * version}}}; null where an earlier version did not record it. Without the guest's conditions when
 * the run ended before it had a guest. "hash" is the plan's without its seed. New reference.
 */
json_t *lu_alike_describe(const json_t *result);
/* Key of a description by lu_alike_describe(): equal for alike runs; caller frees. */
char *lu_alike_key(const json_t *description);
/* The same without the guest's conditions, for runs that ended before they had a guest. */
char *lu_alike_key_before_guest(const json_t *description);
/* Does it have a guest's conditions? */
bool lu_alike_has_guest(const json_t *description);

/* Parts in which two descriptions may differ. */
enum lu_alike_part {
	LU_ALIKE_ALL,
	LU_ALIKE_CONDITIONS, /* conditions: everything but the plan */
	LU_ALIKE_HOST,	     /* accelerator, processor, cores, the host's kernel */
};
/* Their differences, "cpu (AMD EPYC, Intel Xeon), qemu (7.2.4, 7.2.9)"; NULL: none. Caller
 * frees. */
char *lu_alike_difference(const json_t *a, const json_t *b, enum lu_alike_part part);
