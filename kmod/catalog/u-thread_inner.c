// SPDX-License-Identifier: GPL-2.0
/*
 * Changed function that a kernel thread calls.
 *
 * ask: call = 1 -> 5
 */
#define CHANGED_turn
#include "catalog/base.c"
#include "catalog/update.h"

static noinline void turn(struct shelf *shelf)
{
	shelf->turns += 5;
}

PATCHES(PATCH(turn));
