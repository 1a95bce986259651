// SPDX-License-Identifier: GPL-2.0
/*
 * Changed function with a static variable whose value has to be kept.
 *
 * ask: ticket = 1 -> 11 | 10
 */
#define CHANGED_ticket
#define CHANGED_take_more
#include "catalog/base.c"
#include "catalog/update.h"

#ifndef LIVEPATCH
static unsigned int counter;

static noinline long ticket(struct shelf *shelf)
{
	return counter += 10;
}

static void take_more(struct shelf *shelf, const struct catalog_form *form)
{
	/* +hotswap: the variable is not part of the state that is transferred */
	unsigned int *old = catalog_symbol("ticket_counter");

	if (old)
		counter = max(counter, *old);
	/* -hotswap */
}
#endif

/* +livepatch: the variable is still that of the old function */
#ifdef LIVEPATCH
static unsigned int *counter;

static int find_counter(struct klp_object *object)
{
	counter = catalog_symbol("ticket_counter");
	return counter ? 0 : -ENOENT;
}

static noinline long ticket(struct shelf *shelf)
{
	return *counter += 10;
}
#endif
/* -livepatch */

PATCHES_WITH((PATCH(ticket)), .pre_patch = find_counter);
