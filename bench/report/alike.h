/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes runs alike: what was run, and on what. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * A result's plan without its seed, and beside it "on": {"host": {"cpu", "cpus", "host_kernel",
 * "lubench"}, "accelerator", "guest": {"old_kernel", "new_kernel", …, "qemu", "packages": {name:
 * version}}}; null is what an earlier version did not say. Without what belongs to a guest when the
 * run ended before it had one. "hash" is the plan's without its seed. New reference.
 */
json_t *lu_alike_describe(const json_t *result);
/* Equal texts: alike runs. Of what lu_alike_describe() gave; caller frees. */
char *lu_alike_key(const json_t *description);
/* The same without what belongs to a guest, for runs that ended before they had one. */
char *lu_alike_key_before_guest(const json_t *description);
/* Whether it says what guest it ran in. */
bool lu_alike_has_guest(const json_t *description);

/* What two descriptions say that is not the same. */
enum lu_alike_part {
	LU_ALIKE_ALL,
	LU_ALIKE_CONDITIONS, /* what they ran on, which is all but the plan */
	LU_ALIKE_HOST,	     /* accelerator, processor, cores, the host's kernel */
};
/* "cpu (AMD EPYC, Intel Xeon), qemu (7.2.4, 7.2.9)"; NULL: nothing. Caller frees. */
char *lu_alike_difference(const json_t *a, const json_t *b, enum lu_alike_part part);
