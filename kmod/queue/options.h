/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* What user space knows of the qdisc "luq": its options (TCA_OPTIONS), as set and reported, and what
 * the mark of a packet says that it has delivered. */
#ifndef LU_QUEUE_OPTIONS_H
#define LU_QUEUE_OPTIONS_H

#define LUQ_KIND "luq"

enum {
	LUQ_UNSPEC,
	/* u64: rate limit, bytes per second; 0 or absent: as many as the device accepts */
	LUQ_RATE,
	LUQ_LIMIT, /* u32: maximum number of queued packets */
	LUQ_ATTRS
};

/* A packet's mark: the number of the version that delivered it, and from this bit on the CPU on
 * which it did, from 1. */
#define LUQ_MARK_CPU 8

#endif
