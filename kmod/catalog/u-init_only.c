// SPDX-License-Identifier: GPL-2.0
/*
 * Changed value that only the initialisation sets.
 *
 * ask: origin = 100 -> 200
 */
#define CHANGED_setup
#include "catalog/base.c"
#include "catalog/update.h"

#ifndef LIVEPATCH
static noinline int __init setup(void)
{
	origin = 200;
	return 0;
}
#endif

/* +livepatch: initialisation code has run and is not run again */
#ifdef LIVEPATCH
static unsigned int *live_origin;

static int find_origin(struct klp_object *object)
{
	live_origin = catalog_symbol("origin");
	return live_origin ? 0 : -ENOENT;
}

static void set_origin(struct klp_object *object)
{
	WRITE_ONCE(*live_origin, 200);
}

static void reset_origin(struct klp_object *object)
{
	WRITE_ONCE(*live_origin, 100);
}
#endif

PATCHES_WITH((PATCH(extra)), .pre_patch = find_origin, .post_patch = set_origin,
	     .post_unpatch = reset_origin);
/* -livepatch */
