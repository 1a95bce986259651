/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for plans that stand beside each other: what one does, and in what it differs. */
#pragma once
#include <jansson.h>

enum lu_label_part {
	LU_LABEL_ALL,	   /* "kexec workload=redis dataset_mb=64" */
	LU_LABEL_STRATEGY, /* "kexec store=disk", and all else that is not the workload's */
	LU_LABEL_WORKLOAD, /* "redis dataset_mb=64" */
};

struct lu_labels;

/*
 * plans (an array, borrowed until free) are what is compared: as they are, or as of
 * lu_alike_describe(), with what they ran on. Parameters and the kind of update count as different
 * only where plans of the same strategy (workload) differ in them, what guests were made of only
 * where the rest of the plan is the same; seeds never.
 */
struct lu_labels *lu_labels_new(const json_t *plans);
void lu_labels_free(struct lu_labels *labels);
/* Of one of them; caller frees. */
char *lu_label(const struct lu_labels *labels, const json_t *plan, enum lu_label_part part);
