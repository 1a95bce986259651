/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each of a strategy's switches saves of the blackout, from runs that differ only in these
 * (record/effects.h). */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "record/effects.h"

#define LU_SAVINGS_CONFIDENCE 0.95

struct lu_savings {
	GPtrArray *names;	    /* of the switches, char *, as the effects number them */
	GArray *order;		    /* guint: those numbers, the largest mean saving first */
	struct lu_effects *effects; /* ns */
	char *title;		    /* strategy, workload, machine */
	unsigned runs, left_out;    /* taken; not good, or not a sample */
};

/*
 * A switch is a parameter of the strategy with two values among the runs; the one that its
 * declaration names later (or the greater) is on. LU_ERROR_USAGE: the runs differ in more than
 * these, or they do not tell the switches apart.
 */
struct lu_savings *lu_savings_new(const json_t *results, bool with_suspect, GError **error);
void lu_savings_free(struct lu_savings *savings);
