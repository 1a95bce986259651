/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* What a user may say of a qdisc "luq" (TCA_OPTIONS), and is told. */
#ifndef LU_QUEUE_OPTIONS_H
#define LU_QUEUE_OPTIONS_H

#define LUQ_KIND "luq"

enum {
	LUQ_UNSPEC,
	LUQ_RATE,  /* u64: bytes a second that leave; 0 or absent: as many as the device takes */
	LUQ_LIMIT, /* u32: packets that it holds at most */
	LUQ_ATTRS
};

#endif
