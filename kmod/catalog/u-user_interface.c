// SPDX-License-Identifier: GPL-2.0
/*
 * Changed interface that user space sees, in the part that has the instances.
 *
 * core: yes
 * ask: get 9 = error -2 -> errno -2
 */
#define CHANGED_put_answer
#ifdef LIVEPATCH
#define CORE_LENT
#endif
#include "catalog/core.c"
#include "catalog/update.h"

static noinline void put_answer(struct dialogue *dialogue, long value, const char *text)
{
	if (value < 0)
		scnprintf(dialogue->answer, sizeof(dialogue->answer), "errno %ld", value);
	else if (*text)
		strscpy(dialogue->answer, text, sizeof(dialogue->answer));
	else
		scnprintf(dialogue->answer, sizeof(dialogue->answer), "%ld", value);
}

#ifdef LIVEPATCH
PATCHES_OF("lu_catalog", (PATCH(put_answer)), );
#endif
