// SPDX-License-Identifier: GPL-2.0
/*
 * Two locks are taken in the reverse order.
 *
 * ask: locks = first second -> second first
 */
#define CHANGED_both_locks
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long both_locks(struct shelf *shelf, char *text)
{
	spin_lock(&shelf->second);
	/* +livepatch: tasks in old code take the locks in the old order */
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
