// SPDX-License-Identifier: GPL-2.0
/*
 * Changed initialisation code, as it is.
 *
 * ask: origin = 100 -> 300
 */
#define CHANGED_setup
#include "catalog/base.c"
#include "catalog/update.h"

#ifdef LIVEPATCH
#undef __init
#define __init
#endif
static noinline int __init setup(void)
{
	origin = 300;
	return 0;
}

PATCHES(PATCH(setup));
