/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk "field", whose metadata a memory image has cached: is the cached metadata still valid,
 * and what does the new system make of the disk? */
#pragma once
#include "model/strategy.h"

/* All zero at first. */
struct image_field {
	json_t *left;  /* the disk when the old system closed it */
	char *stale;   /* what the new system sees differently; NULL: nothing */
	char *unsound; /* what is wrong with the file system in the end; NULL: nothing */
	bool looked;   /* both have been checked */
};

/*
 * The old system has used the disk for a while, and changed it or not; then it is listed, closed
 * and compared. LU_ERROR_REFUSED: the image's cached metadata is stale, and parameter force is off.
 */
bool image_field_compare(struct image_field *field, struct lu_run *run, bool changed,
			 GError **error);
/* Harmless when it is closed. */
bool image_field_close(struct lu_run *run, GError **error);
/* The new system reads it, writes to it and closes it, and the host checks it. Damage is a
 * finding, not an error. */
bool image_field_use(struct image_field *field, struct lu_run *run, GError **error);
/* Oracles "disk-as-seen" and "disk-sound", if it has been used. */
void image_field_judge(const struct image_field *field, json_t *oracles);
/* data: a struct image_field. */
void image_field_clear(void *data);
