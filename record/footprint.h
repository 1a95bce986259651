/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and storage beyond the steady state; private to the metrics. */
#pragma once
#include "record/timeline.h"

struct lu_footprint {
	/* guest used + the larger of store and host files + a second
	 * machine, beyond the baseline */
	int64_t extra_bytes_peak;
	/* its integral from trigger to end; below the baseline counts as 0 */
	double extra_byte_seconds;
	int64_t host_extra_bytes_peak; /* QEMU, beyond the baseline */
};

/*
 * Each figure is a step function: a sample holds until the next. Its baseline is the mean of its
 * samples between baseline_ns and trigger_ns, else its last before them, else its first at all.
 * Negative samples mean "unknown" and are dropped.
 */
struct lu_footprint lu_footprint_find(const struct lu_timeline *timeline, int64_t baseline_ns,
				      int64_t trigger_ns, int64_t end_ns);
/* The same from another moment than the trigger on. */
struct lu_footprint lu_footprint_between(const struct lu_timeline *timeline, int64_t baseline_ns,
					 int64_t trigger_ns, int64_t from_ns, int64_t end_ns);
