/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of a series of swaps of an instance; passed from a child to the agent as text. */
#pragma once
#include <jansson.h>

struct swap_figures {
	long long begun; /* swaps started */
	long long swaps; /* swaps with figures */
	long long waited, tries, wait_max_ns, transfer_max_ns;
	long long until_quiet_ns;		      /* of the last one: tracking and quiescence */
	long long *trace_ns, *quiesce_ns, *closed_ns; /* of each */
};

/* For the lifetime of a child: never freed. */
struct swap_figures *swap_figures_new(void);
/* Add those of the last swap, from the instance's file "last". */
void swap_figures_gather(struct swap_figures *figures, const char *path);
void swap_figures_print(struct swap_figures *figures);
/* The agent's answer: begun, the longest trace_ns, quiesce_ns, transfer_ns, closed_ns, wait_ns,
 * with the medians trace_median_ns, quiesce_median_ns and closed_median_ns, until_quiet_ns of the
 * last swap, and the totals of waited and looks. */
json_t *swap_figures_parse(const char *output);
