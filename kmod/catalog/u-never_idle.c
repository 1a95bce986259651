// SPDX-License-Identifier: GPL-2.0
/*
 * Changed function in which a task always sleeps.
 *
 * inside: await
 * ask: await 1 = 7 -> 8
 */
#define CHANGED_await
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long await(struct shelf *shelf, u32 key)
{
	if (!key && wait_event_interruptible(shelf->done, READ_ONCE(shelf->stop)))
		return -ERESTARTSYS;
	return 8;
}

PATCHES(PATCH(await));
