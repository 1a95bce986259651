/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The options of a qdisc "luq" (TCA_OPTIONS), as set and reported. */
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

#endif
