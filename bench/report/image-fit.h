/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blackouts of strategy image over the sizes of its images, and the lines through them. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "record/fit.h"

enum lu_image_figure {
	LU_IMAGE_BLACKOUT,
	LU_IMAGE_STREAM, /* until the last byte from flash was in place */
	LU_IMAGE_BEHIND, /* by so much later than the modelled flash had it */
	LU_IMAGE_BROWNOUT,
	LU_IMAGE_FIGURES
};

/* Runs of one flash, form and size. */
struct lu_image_point {
	unsigned asked_mb;		   /* parameter image_mb */
	double bytes;			   /* on flash, median */
	GArray *sizes;			   /* double: the same of each run */
	GArray *figures[LU_IMAGE_FIGURES]; /* double: ns */
};

struct lu_image_curve {
	char *flash, *form;		/* "emmc", "zstd lazy"; form "raw": neither */
	double rate;			/* of the flash with its latency, bytes a second */
	GPtrArray *points;		/* by asked_mb */
	bool fits;			/* there are two sizes */
	struct lu_fit medians, singles; /* blackout over bytes: of the medians, of single runs */
};

struct lu_image_fit {
	GPtrArray *curves; /* by flash, slowest first, then form */
	unsigned bad;	   /* runs that did not end well */
};

/* From folders of results, dirs ends with NULL. Runs of other strategies are passed over.
 * LU_ERROR_USAGE: there is none of this one. */
struct lu_image_fit *lu_image_fit_new(const char *const *dirs, GError **error);
void lu_image_fit_free(struct lu_image_fit *fit);
double lu_image_median(const struct lu_image_point *point, enum lu_image_figure figure);
