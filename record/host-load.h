/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load of the host's CPUs during a run, from the samples taken during it. */
#pragma once
#include <stdint.h>
#include "record/timeline.h"

/* Shares are of time; -1: this host does not report it. */
struct lu_host_load {
	int64_t ns; /* covered by samples; 0: there are none */
	/* at least one thread of the run was ready and had no CPU */
	double wait_share;
	int64_t wait_ns;
	const char
		*waiter; /* the thread that waited longest in one sample; borrowed, may be NULL */
	double steal_share;	     /* of all CPUs' time, taken by the hypervisor */
	double pressure_share;	     /* some task of the host had no CPU (PSI) */
	double own_cpus, other_cpus; /* CPUs that the run used, and that others did; -1 */
	int64_t cpus;
	int64_t step_ns; /* the largest jump of the time of day against the steady clock, signed */
	int64_t suspended_ns;
};

/* Of the samples whose time overlaps [begin, end). */
struct lu_host_load lu_host_load_find(const struct lu_timeline *timeline, int64_t begin_ns,
				      int64_t end_ns);
