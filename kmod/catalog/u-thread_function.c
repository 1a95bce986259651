// SPDX-License-Identifier: GPL-2.0
/*
 * Changed function of a kernel thread that never leaves it.
 *
 * ask: call = 1 -> 4
 */
#define CHANGED_keep
#include "catalog/base.c"
#include "catalog/update.h"

static noinline int keep(void *data)
{
	struct shelf *shelf = data;
	int i;

	while (!kthread_should_stop()) {
		wait_event_idle(shelf->called, READ_ONCE(shelf->call) || kthread_should_stop());
		if (READ_ONCE(shelf->call)) {
			for (i = 0; i < 4; i++)
				turn(shelf);
			WRITE_ONCE(shelf->call, false);
			wake_up(&shelf->done);
		}
	}
	return 0;
}

PATCHES(PATCH(keep));
