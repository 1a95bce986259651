// SPDX-License-Identifier: GPL-2.0
/*
 * Changed function of a delayed work.
 *
 * ask: push = 1 -> 10
 */
#define CHANGED_beat
#include "catalog/base.c"
#include "catalog/update.h"

static noinline void beat(struct work_struct *work)
{
	struct shelf *shelf = container_of(to_delayed_work(work), struct shelf, beat);

	shelf->beats += 10;
	schedule_delayed_work(&shelf->beat, HZ * 60);
}

PATCHES(PATCH(beat));
