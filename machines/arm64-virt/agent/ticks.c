/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual counter of the generic timer, which user space may read. */
#include "agent/machine.h"

uint64_t ticks(void)
{
	uint64_t now;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
	return now;
}
