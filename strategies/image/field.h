/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk "field", which an image remembers mounted: is it still what the image expects, and what
 * does the new system make of it? */
#pragma once
#include "model/strategy.h"

/* All zero at first. */
struct image_field {
	json_t *left;  /* the disk when the old system closed it */
	char *stale;   /* what the new one sees differently; NULL: nothing */
	char *unsound; /* what is wrong with the file system in the end; NULL: nothing */
	bool looked;   /* both have been looked for */
};

/*
 * The old system has had the disk for a while, and changed it or not; then it is listed, closed and
 * compared. LU_ERROR_REFUSED: it is not as the image remembers it, and parameter force is off.
 */
bool image_field_compare(struct image_field *field, struct lu_run *run, bool changed,
			 GError **error);
/* Fine when it is closed. */
bool image_field_close(struct lu_run *run, GError **error);
/* The new system looks at it, writes to it and closes it, and the host checks it. What is wrong is
 * a finding, not an error. */
bool image_field_use(struct image_field *field, struct lu_run *run, GError **error);
/* Oracles "disk-as-seen" and "disk-sound", if it has been used. */
void image_field_judge(const struct image_field *field, json_t *oracles);
/* data: a struct image_field. */
void image_field_clear(void *data);
