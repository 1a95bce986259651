/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time base. */
#include "agent/machine.h"

uint64_t ticks(void)
{
	return __builtin_ppc_get_timebase();
}
