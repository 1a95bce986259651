/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved runs, as a command line names them: "last", an ID, a sweep, a file or a folder. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct lu_saved {
	char *path;
	json_t *result;
};

/*
 * The runs named, in order, as an array of struct lu_saved (g_ptr_array_unref frees all). A name is
 * "last" (newest saved), a file, a folder (all results in it, by name), the beginning of an ID
 * that only one saved run has, or of a sweep's name (the newest such), or the label of saved runs (all of them). A run counts
 * once, however often it is named or copied; that is said on standard error. LU_ERROR_USAGE says
 * what there is.
 */
GPtrArray *lu_store_load(char **names, GError **error);
/* Only the results, as an array; new reference. */
json_t *lu_store_results(const GPtrArray *saved);
