/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of all verbs: options, messages, exit statuses and folders. */
#pragma once
#include <gio/gio.h>
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "model/result.h"

/*
 * Parse a verb's options. usage is the synopsis after the verb's name; in --help, summary follows
 * it and description ends the text (either may be NULL). --help prints and exits with 0. On a wrong
 * option one line is printed and *status set to LU_EXIT_USAGE: return it. After parsing, argv holds
 * argv[0] and the arguments.
 */
bool lu_cli_parse(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
		  const char *summary, const char *description, int *status);

/* The option --with-suspect of verbs that sum runs up. */
#define LU_CLI_WITH_SUSPECT(flag)                                                                  \
	{                                                                                          \
		"with-suspect", 0, 0, G_OPTION_ARG_NONE, flag, "count runs that are suspect, too", \
			NULL                                                                       \
	}

/* Print one line "lubench VERB: message" and return the exit status for the error's code. */
int lu_cli_fail(const GError *error);
/* True when at most `most` arguments (argv[0] not counted) are left after the options; else prints
 * which is one too many. */
bool lu_cli_at_most(int argc, char **argv, int most);
/* Split "DOTTED.KEY=VALUE" of a flag --set and hand both to set(). LU_ERROR_USAGE. */
bool lu_cli_apply_set(json_t *scenario, const char *assignment,
		      bool (*set)(json_t *scenario, const char *dotted, const char *text,
				  GError **error),
		      GError **error);
/* Set LU_ERROR_USAGE with that message; always false. */
bool lu_cli_usage(GError **error, const char *message);
/* The exit status for the error's code, without a message. */
int lu_cli_status(const GError *error);
/* The exit status of a result: ok and every oracle passed 0, unsupported 4, otherwise 1. */
int lu_cli_result_status(const json_t *result);
/* Print doc to stdout, indented, with a newline. false when stdout cannot be written; main.c
 * reports that. */
bool lu_cli_print_json(const json_t *doc);

/* Folder of machines/, scenarios/ or sweeps/ (`which`): below $LUBENCH_DATA_DIR, the source tree
 * that this program was built from, or the prefix it was installed to. Caller frees. */
char *lu_cli_data_dir(const char *which);
/* Name of the default machine; NULL: there is none. Static. */
const char *lu_cli_default_machine(void);
/* Folder of this executable. Caller frees. */
char *lu_cli_exe_dir(void);
/* Folder of the agents and services for guests: beside this executable as it was built, or below the
 * prefix it was installed to. Caller frees. */
char *lu_cli_guest_dir(void);
/* `given` as a path, or, when it is a name, that of NAME.json in that data folder. Caller frees. */
char *lu_cli_data_file(const char *which, const char *given);
/* $XDG_DATA_HOME/lubench/runs, …/sweeps. Caller frees. */
char *lu_cli_runs_dir(void);
char *lu_cli_sweeps_dir(void);
/* Memory of this host, MiB; 0 when unknown. */
unsigned lu_cli_host_memory_mb(void);

/* A time for people: "3.21 s", "12.4 ms", "850 µs", "0"; caller frees. */
char *lu_cli_time(int64_t ns);
/* A size for people: "64.0 MB"; caller frees. */
char *lu_cli_bytes(int64_t bytes);
/* Dotted lookup "plan.strategy"; NULL when any part is missing. Borrowed. */
json_t *lu_cli_get(const json_t *doc, const char *dotted);
/* The same as a string ("?" when missing) and as an integer (fallback when missing). */
const char *lu_cli_get_str(const json_t *doc, const char *dotted);
int64_t lu_cli_get_int(const json_t *doc, const char *dotted, int64_t fallback);
