// SPDX-License-Identifier: GPL-2.0
/*
 * Two locks are taken the other way round.
 *
 * ask: locks = first second -> second first
 */
#define CHANGED_both_locks
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long both_locks(struct shelf *shelf, char *text)
{
	spin_lock(&shelf->second);
	/* +livepatch: tasks in the old code come from the other side */
#ifdef LIVEPATCH
	while (!spin_trylock(&shelf->lock)) {
		spin_unlock(&shelf->second);
		cpu_relax();
		spin_lock(&shelf->second);
	}
#else /* -livepatch */
	lock(shelf);
#endif
	strscpy(text, "second first", CATALOG_TEXT);
	unlock(shelf);
	spin_unlock(&shelf->second);
	return 0;
}

PATCHES(PATCH(both_locks));
