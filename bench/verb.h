/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verb of the command: `lubench NAME …`. Its file defines one of these;
 * the table is in main.c. */
#pragma once
#include <glib.h>

enum lu_exit {
	LU_EXIT_OK = 0,
	LU_EXIT_FAILED =
		1, /* the upgrade failed, was refused or ran out of time, or an oracle failed */
	LU_EXIT_USAGE = 2,	 /* bad command line, scenario or file */
	LU_EXIT_UNSUPPORTED = 4, /* this host, machine or kernel lacks something, named */
	LU_EXIT_SIGNAL = 128,	 /* plus the signal's number: interrupted, no result */
};

struct lu_verb {
	const char *name;
	const char *summary; /* half a line, for the list of verbs */
	/* argv[0] is "lubench NAME". Returns the exit status. */
	int (*main)(int argc, char **argv);
};

extern const struct lu_verb lu_verb_run, lu_verb_sweep, lu_verb_compare, lu_verb_list,
	lu_verb_doctor, lu_verb_assets, lu_verb_image, lu_verb_show, lu_verb_plot, lu_verb_updates;
