// SPDX-License-Identifier: GPL-2.0
/*
 * Changed signature of a function in another module, and of its call.
 *
 * module: lu_catalog_hub_by
 * ask: cross 5 = 10 -> 15
 */
#include "catalog/hub-by.h"
#define CHANGED_cross
#include "catalog/base.c"
#include "catalog/update.h"

static noinline long cross(struct shelf *shelf, u32 key)
{
	return catalog_scale_by(key, 3);
}

PATCHES(PATCH(cross));
