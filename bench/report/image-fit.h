/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blackout of strategy image over the size of its memory images, and lines fitted to it. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "record/fit.h"

enum lu_image_figure {
	LU_IMAGE_BLACKOUT,
	LU_IMAGE_STREAM, /* until the last byte from flash was loaded */
	LU_IMAGE_BEHIND, /* later than the modelled flash by */
	LU_IMAGE_BROWNOUT,
	LU_IMAGE_FIGURES
};

/* Runs with the same flash, form and size. */
struct lu_image_point {
	unsigned asked_mb;		   /* parameter image_mb */
	double bytes;			   /* on flash, median */
	GArray *sizes;			   /* double: the size in each run */
	GArray *figures[LU_IMAGE_FIGURES]; /* double: ns */
};

struct lu_image_curve {
	char *flash, *form;		/* "emmc", "zstd lazy"; form "raw": neither */
	double rate;			/* of the flash, its latency included, bytes a second */
	GPtrArray *points;		/* by asked_mb */
	bool fits;			/* there are at least two sizes */
	struct lu_fit medians, singles; /* blackout over bytes: to the medians, to single runs */
};

struct lu_image_fit {
	GPtrArray *curves; /* sorted by flash, slowest first, then by form */
	unsigned bad;	   /* runs that were not good */
};

/* From folders of results; dirs ends with NULL. Runs of other strategies are ignored.
 * LU_ERROR_USAGE: there is no run of this one. */
struct lu_image_fit *lu_image_fit_new(const char *const *dirs, GError **error);
/* The same from results that have been read (an array). */
struct lu_image_fit *lu_image_fit_of(const json_t *results, GError **error);
void lu_image_fit_free(struct lu_image_fit *fit);
double lu_image_median(const struct lu_image_point *point, enum lu_image_figure figure);
