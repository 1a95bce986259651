/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a sweep: those plans that its record does not have yet. */
#pragma once
#include <jansson.h>
#include "bench/exec/executor.h"
#include "model/sweep.h"

struct lu_sweep_options {
	const char *output; /* folder; NULL: a new one, or with resume the newest of that name */
	bool resume, quiet, offline;
	bool mixed;  /* resume even what ran elsewhere or with another revision */
	bool silent; /* no line for each run on standard output */
	const struct lu_executor *executor; /* NULL: `local` */
};

/*
 * *dir is the record's folder (caller frees; NULL when there is none). Returns the exit status: as
 * of a run, the worst of all rows; USAGE before anything ran, SIGNAL + N when interrupted.
 */
int lu_sweep_run(const struct lu_sweep *sweep, const json_t *definition, const char *file,
		 const struct lu_sweep_options *options, char **dir);
/* Labels of the cases; an array of strings, new reference. */
json_t *lu_sweep_labels(const struct lu_sweep *sweep);
/* Print the plans in the order in which they would run,
 * for people or as JSON; returns the exit status. */
int lu_sweep_print_plans(const struct lu_sweep *sweep, bool json);
