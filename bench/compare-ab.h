/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench compare --a --b, and --run A B: two sets of runs against each other. */
#pragma once
#include <glib.h>
#include "bench/report/render.h"

struct lu_ab_options {
	char *a, *b;	 /* where the sides are read from */
	char **fail_if;	 /* gates */
	gboolean run;	 /* the sides are scenarios, to be run in turn */
	gboolean paired; /* what was read are pairs by their seeds */
	gboolean mixed;
	double effect; /* 0: the default */
};

/* What the rest of the verb knows. */
struct lu_ab_request {
	GPtrArray *metrics; /* names in results (const char *); gates' are added */
	lu_render *render;  /* NULL: print JSON */
	bool with_suspect;
	char **names; /* positional: scenarios of --run, else where labels are looked for */
	int repeat;
	const char *guest, *output; /* may be NULL */
	char **sets;
	bool quiet, offline, dry_run;
};

/* Entries of these options; how many. */
#define LU_AB_ENTRIES 7
void lu_ab_entries(struct lu_ab_options *options, GOptionEntry entries[LU_AB_ENTRIES]);
void lu_ab_options_clear(struct lu_ab_options *options);
/* Whether any of them was given. */
bool lu_ab_asked_for(const struct lu_ab_options *options);
/* The exit status. */
int lu_ab_main(const struct lu_ab_options *options, const struct lu_ab_request *request);
