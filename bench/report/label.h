/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of plans that are compared: what a plan runs,
 * and in which keys it differs from the others. */
#pragma once
#include <jansson.h>

enum lu_label_part {
	LU_LABEL_ALL,	   /* "kexec workload=redis dataset_mb=64" */
	LU_LABEL_STRATEGY, /* "kexec store=disk": everything but the workload's keys */
	LU_LABEL_WORKLOAD, /* "redis dataset_mb=64" */
};

struct lu_labels;

/*
 * plans: those to compare (an array, borrowed until free), as they are, or as of
 * lu_alike_describe(), with what they ran on. Parameters and the kind of update count as different
 * only where plans of the same strategy (workload) differ in them, what guests were made of only
 * where the rest of the plan is the same; seeds never.
 */
struct lu_labels *lu_labels_new(const json_t *plans);
void lu_labels_free(struct lu_labels *labels);
/* Label of one of the plans; caller frees. */
char *lu_label(const struct lu_labels *labels, const json_t *plan, enum lu_label_part part);
