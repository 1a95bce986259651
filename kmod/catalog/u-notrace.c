// SPDX-License-Identifier: GPL-2.0
/*
 * Bug fix in a function that must not be traced.
 *
 * ask: fast = 1 -> 2
 */
#define CHANGED_fast
#include "catalog/base.c"
#include "catalog/update.h"

static noinline notrace long fast(struct shelf *shelf)
{
	barrier();
	return 2;
}

PATCHES(PATCH(fast));
