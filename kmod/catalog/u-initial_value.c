// SPDX-License-Identifier: GPL-2.0
/*
 * Changed initial value of a variable.
 *
 * ask: step = 1 -> 10
 */
#define CHANGED_step
static unsigned int step = 10;
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch: the variable has been initialised already */
#ifdef LIVEPATCH
static unsigned int *live_step;

static int find_step(struct klp_object *object)
{
	live_step = catalog_symbol("step");
	return live_step ? 0 : -ENOENT;
}

static void set_step(struct klp_object *object)
{
	WRITE_ONCE(*live_step, 10);
}

static void reset_step(struct klp_object *object)
{
	WRITE_ONCE(*live_step, 1);
}
#endif

PATCHES_WITH((PATCH(extra)), .pre_patch = find_step, .post_patch = set_step,
	     .post_unpatch = reset_step);
/* -livepatch */
