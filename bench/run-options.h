/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of `lubench run`, and the scenario made of them and a file. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Number of flags that set a scenario's keys, in the order of the table in run-options.c. */
#define LU_RUN_KEYS 16

struct lu_run_options {
	char *keys[LU_RUN_KEYS];
	char *fault, *kernel, *output, *label, *capture;
	char **params, **sets;
	int repeat;
	gboolean dry_run, json, quiet, offline;
	char *scenario; /* positional: a file, or a name below scenarios/ */
};

/* Parse; on false, *status is the exit status. */
bool lu_run_options_parse(struct lu_run_options *options, int argc, char **argv, int *status);
void lu_run_options_clear(struct lu_run_options *options);

/*
 * The scenario: the keys of the file, if there is one, overridden by the flags. *name: its name in
 * messages, the file's path or "flags" (caller frees). LU_ERROR_USAGE.
 */
json_t *lu_run_options_scenario(const struct lu_run_options *options, char **name, GError **error);
