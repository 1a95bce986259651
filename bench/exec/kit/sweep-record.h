/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a sweep: a folder with the runs' results and sweep.jsonl, to which each run adds
 * its line when it ends, so that a sweep can be resumed however it ended. One process at a time has
 * the record open, but others may add results to the folder. Lines: {"type": "sweep", …} for each
 * start, {"type": "row", "hash", "seed", "repeat", "combination", "outcome", "reason", "good", "seconds",
 * "file"} for each run; combination is its plan's place in the definition (sweep-order.h).
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "model/sweep.h"

#define LU_SWEEP_RECORD "sweep.jsonl"

struct lu_sweep_record {
	char *dir;
	int fd; /* locked: one process a record */
	json_t *rows;
	GHashTable *done; /* hashes of the rows */
};

/*
 * Begin the record of this sweep in dir (NULL: a new folder among the user's sweeps), or resume the
 * one in dir (NULL: the newest of that name). definition is kept in it. LU_ERROR_USAGE: there is
 * none to resume, or another process has it open.
 */
bool lu_sweep_record_open(struct lu_sweep_record *record, const struct lu_sweep *sweep,
			  const json_t *definition, const char *dir, bool resume, GError **error);
void lu_sweep_record_close(struct lu_sweep_record *record);
/* Where in a record's text a damaged line is, without its line break. */
struct lu_sweep_damage {
	size_t at, len;
};

/* The rows of a record's text, of a case that was run again the later one; a damaged line is passed
 * over, said, and added to damage (struct lu_sweep_damage; may be NULL); a blank one is passed
 * over. What comes after the last line break is being written. path is for messages
 * (NULL: there are none); *whole: bytes of the complete lines. New reference. */
json_t *lu_sweep_record_parse(const char *text, size_t len, const char *path, GArray *damage,
			      size_t *whole);
/* With the record locked: moves damaged lines of the record at path, whose text is given, to
 * PATH.damaged, so that they are said once. What cannot be written stays as it is. */
void lu_sweep_record_mend(const char *path, const char *text, const GArray *damage);
/* The row of that plan has no result: it is as if not run. */
void lu_sweep_record_forget(struct lu_sweep_record *record, const char *hash);
bool lu_sweep_record_has(const struct lu_sweep_record *record, const char *hash);
/* row is taken; it is on the disk when this returns. */
bool lu_sweep_record_add(struct lu_sweep_record *record, json_t *row, GError **error);
/* Paths of the results in its folder without a row, which were saved after the process that writes
 * rows had ended; sorted by name, so the oldest come first. To g_ptr_array_unref. */
GPtrArray *lu_sweep_record_unnamed(const struct lu_sweep_record *record);

/* The folder that "last", a folder or the beginning of a sweep's name refers to. LU_ERROR_USAGE;
 * caller frees. */
char *lu_sweep_record_find(const char *given, GError **error);
/* The rows, in order; new reference. LU_ERROR_USAGE. */
json_t *lu_sweep_record_rows(const char *dir, GError **error);
/* The results in that folder: those of the rows in the definition's order, then those whose row was lost. What is
 * damaged or missing is left out, and said. LU_ERROR_USAGE: no record; new reference. */
json_t *lu_sweep_record_results(const char *dir, GError **error);
/* Put paths of results in that folder in the definition's order; nothing when it has no record. */
void lu_sweep_record_order(const char *dir, GPtrArray *paths);
