/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run counts once, however often its result is given. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct lu_once {
	GHashTable *runs, *ids;
	unsigned again;	 /* results of runs that had been given before */
	unsigned unlike; /* results that have the ID of a run that is not alike: edited copies */
};

void lu_once_init(struct lu_once *once);
void lu_once_clear(struct lu_once *once);
/* Is the result of a run that was not given yet: another ID, or the same under other conditions?
 * One without an ID always is. */
bool lu_once_add(struct lu_once *once, const json_t *result);
/* Report on standard error what was found, if anything. */
void lu_once_report(const struct lu_once *once);
