/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has become of a sweep so far: a folder with the runs' results and sweep.jsonl, to which each
 * run adds its line when it ends, so that whatever ends the sweep leaves a record that can be gone
 * on with. Whoever has it open is alone with the record, but not with the folder: results may come
 * into it from elsewhere. Lines: {"type": "sweep", …} for each start, {"type": "row", "hash", "seed", "repeat",
 * "outcome", "reason", "good", "seconds", "file"} for each run.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "model/sweep.h"

struct lu_sweep_record {
	char *dir;
	int fd; /* locked: one process a record */
	json_t *rows;
	GHashTable *done; /* hashes of the rows */
};

/*
 * Begin the record of this sweep in dir (NULL: a new folder among the user's sweeps), or go on with
 * the one in dir (NULL: the newest of that name). definition is kept in it. LU_ERROR_USAGE: nothing
 * to go on with, or somebody else does.
 */
bool lu_sweep_record_open(struct lu_sweep_record *record, const struct lu_sweep *sweep,
			  const json_t *definition, const char *dir, bool resume, GError **error);
void lu_sweep_record_close(struct lu_sweep_record *record);
bool lu_sweep_record_has(const struct lu_sweep_record *record, const char *hash);
/* row is taken; it is on the disk when this returns. */
bool lu_sweep_record_add(struct lu_sweep_record *record, json_t *row, GError **error);
/* Paths of the results in its folder that no row names: saved when nobody could write a row any
 * more; by name, so the oldest first. To g_ptr_array_unref. */
GPtrArray *lu_sweep_record_unnamed(const struct lu_sweep_record *record);

/* What "last", a folder or the beginning of a sweep's name stands for.
 * LU_ERROR_USAGE; caller frees. */
char *lu_sweep_record_find(const char *given, GError **error);
/* The rows, in order; new reference. LU_ERROR_USAGE. */
json_t *lu_sweep_record_rows(const char *dir, GError **error);
/* The results of all rows, in order. */
json_t *lu_sweep_record_results(const char *dir, GError **error);
