/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each upgrade of a run cost, and what they left behind. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "record/timeline.h"

/* How much more there is with each upgrade: the slope of a line through what there was in the
 * baselines, but the first, which is of a freshly booted system. */
struct lu_leaks {
	unsigned cycles;
	bool guest, host, descriptors; /* known: there were three baselines to compare at least */
	double guest_bytes, host_bytes, descriptors_each;
	double guest_within, descriptors_within; /* half of the 95 % interval of each */
};

/* The timeline is sorted. */
struct lu_leaks lu_leaks_find(const struct lu_timeline *timeline);
/*
 * {"count", "guest_bytes_each", "guest_bytes_within", "host_bytes_each", "descriptors_each", "each": [{"blackout_ns",
 * "blackout_floor_ns", "prepare_ns", "total_ns", "requests", "replies_wrong", "lost",
 * "connections_reset", "timer_late_ns", "clock_back_ns", "guest_bytes", "host_bytes",
 * "descriptors"}]}; null is what is not known; all of it is null for a run of one upgrade. New
 * reference.
 */
json_t *lu_cycles_to_json(const struct lu_timeline *timeline);
