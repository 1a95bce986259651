// SPDX-License-Identifier: GPL-2.0
/*
 * Bug fix in an inline function.
 *
 * ask: ratio 2 = 2 -> 20
 */
#define CHANGED_per_cent
static inline long per_cent(long part, long whole)
{
	return part * 100 / whole;
}
#include "catalog/base.c"
#include "catalog/update.h"

PATCHES(PATCH(ratio));
