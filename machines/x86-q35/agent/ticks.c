/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time stamp counter. */
#include "agent/machine.h"

uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}
