/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verb whose runs are a sweep and whose output is one table of them: lubench updates, survive,
 * faults. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "bench/exec/kit/sweep-run.h"
#include "bench/report/render.h"

struct lu_catalogue {
	const char *name; /* of the verb and of its sweep: "updates" */
	const char *from; /* make no runs: show these; NULL: run */
	bool dry_run;	  /* print the plans in their order, and stop */
	struct lu_sweep_options how;
	/* Show all results (an array); false with LU_ERROR_USAGE when none is of this catalogue. */
	bool (*show)(const json_t *results, void *data, GError **error);
	void *data;
};

/* Options that these verbs share, the first of a struct of their own; lu_catalogue_clear frees
 * them. */
struct lu_catalogue_options {
	char *machine, *guest, *output, *from;
	char *strategies, *format; /* of LU_CATALOGUE_TABLE_ENTRIES */
	gboolean resume, mixed, dry_run, offline, quiet;
};
#define LU_CATALOGUE_ENTRIES(o)                                                                    \
	{"machine", 'm', 0, G_OPTION_ARG_STRING, &(o)->machine, "machine (default: as for run)",   \
	 "NAME"},                                                                                  \
		{"output",                                                                         \
		 'o',                                                                              \
		 0,                                                                                \
		 G_OPTION_ARG_FILENAME,                                                            \
		 &(o)->output,                                                                     \
		 "folder of results and record (default: a new one in "                            \
		 "$XDG_DATA_HOME/lubench/sweeps)",                                                 \
		 "DIR"},                                                                           \
		{"resume",                                                                         \
		 0,                                                                                \
		 0,                                                                                \
		 G_OPTION_ARG_NONE,                                                                \
		 &(o)->resume,                                                                     \
		 "run only what its record does not have yet",                                     \
		 NULL},                                                                            \
		{"mixed",     0,                                                                   \
		 0,	      G_OPTION_ARG_NONE,                                                   \
		 &(o)->mixed, "resume even on another host or with another revision of lubench",   \
		 NULL},                                                                            \
		{"from",     0,                                                                    \
		 0,	     G_OPTION_ARG_STRING,                                                  \
		 &(o)->from, "run nothing: make the table from these runs",                        \
		 "NAME"},                                                                          \
		{"dry-run",                                                                        \
		 0,                                                                                \
		 0,                                                                                \
		 G_OPTION_ARG_NONE,                                                                \
		 &(o)->dry_run,                                                                    \
		 "print the plans in their order, and stop",                                       \
		 NULL},                                                                            \
		{"offline",                                                                        \
		 0,                                                                                \
		 0,                                                                                \
		 G_OPTION_ARG_NONE,                                                                \
		 &(o)->offline,                                                                    \
		 "never ask the archive: cached assets only",                                      \
		 NULL},                                                                            \
	{                                                                                          \
		"quiet", 'q', 0, G_OPTION_ARG_NONE, &(o)->quiet, "no progress", NULL               \
	}

/* Of those whose table has a column for each strategy. */
#define LU_CATALOGUE_TABLE_ENTRIES(o)                                                              \
	{"strategies", 0, 0, G_OPTION_ARG_STRING, &(o)->strategies, "these, with commas between",  \
	 "LIST"},                                                                                  \
	{                                                                                          \
		"format", 0, 0, G_OPTION_ARG_STRING, &(o)->format, "(default text)",               \
			"text|md|csv|json|html"                                                    \
	}

void lu_catalogue_clear(struct lu_catalogue_options *options);
/* What these options say. */
void lu_catalogue_choose(struct lu_catalogue *catalogue,
			 const struct lu_catalogue_options *options);

/* What is tried, and named on the command line: the choices of a parameter of a workload, whose name
 * is also the word for one of them. */
struct lu_catalogue_subject {
	const char *workload, *param;
};

/* Whether all names (NULL-terminated, maybe none) are choices; LU_ERROR_USAGE names the first that is
 * not. */
bool lu_catalogue_check(const struct lu_catalogue_subject *subject, char **names, GError **error);
/* The same for any list of words (NULL-terminated); what: the word for one of them. */
bool lu_catalogue_known(const char *what, const char *const *all, char **names, GError **error);
/* The names as an array; without any: all choices in their order. */
json_t *lu_catalogue_names(const struct lu_catalogue_subject *subject, char **names);

/* The strategies of a list with commas between, as an array; NULL: those that carry a running process
 * to another kernel or hypervisor. NULL with LU_ERROR_USAGE: one of them is none. */
json_t *lu_catalogue_strategies(const char *list, GError **error);

/* The renderer of --format; NULL with LU_ERROR_USAGE: there is none. */
lu_render *lu_catalogue_render(const struct lu_catalogue_options *options, GError **error);
/* Whether that form is for programs, with a row for each cell. */
bool lu_catalogue_is_records(lu_render *render);

/*
 * Make the runs that the definition asks for, or read them, and show their results; the definition
 * may be NULL with `from`. Returns the exit status: 0 when each run has been made, whatever its
 * outcome, 4 when none can be made on this host.
 */
int lu_catalogue_run(const struct lu_catalogue *catalogue, const json_t *definition);
