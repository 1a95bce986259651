/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The upgrades of one run, each with its own baseline. */
#pragma once
#include "record/timeline.h"

/* From its engine/baseline-begin to the next one; the first from the record's beginning. */
struct lu_cycle {
	int64_t begin_ns, end_ns; /* INT64_MIN, INT64_MAX: no bound */
};

/* struct lu_cycle, in order of time, at least one; of a sorted timeline. */
GArray *lu_cycles_find(const struct lu_timeline *timeline);
/* The events of one, as if it were a run of its own: before them comes the hello of the kernel that
 * it began with. A new timeline. */
struct lu_timeline *lu_cycle_timeline(const struct lu_timeline *timeline,
				      const struct lu_cycle *cycle);
