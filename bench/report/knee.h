/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of migrate over the dirty rate, beside what the model of pre-copy
 * (record/precopy.h) says of them. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <jansson.h>
#include "record/precopy.h"

/* A measured figure over the good runs of a plan, seconds; without an interval low and
 * high are the median. */
struct lu_knee_figure {
	double median, low, high;
};

struct lu_knee_point {
	double dirty_mb_s;
	unsigned runs, good;
	struct lu_knee_figure total;	/* trigger until it runs there */
	struct lu_knee_figure blackout; /* as the clients see it */
	struct lu_knee_figure claimed;	/* the mechanism's own downtime */
	double model_total, model_blackout;
	bool converges; /* by the model, before max_rounds */
};

/* Runs that differ in the dirty rate alone. */
struct lu_knee_curve {
	char *label;			 /* "precopy auto_converge=on" */
	bool at_once;			 /* postcopy: what is left is moved while it runs there */
	struct lu_precopy_config config; /* with the dirty rate of no point */
	GArray *points;			 /* struct lu_knee_point, by dirty rate */
};

struct lu_knee {
	GPtrArray *curves;
	double memory;	  /* bytes, as learnt from the runs with the least dirty rate */
	double bandwidth; /* bytes a second, if all have the same, else 0 */
};

/* LU_ERROR_USAGE: no run of migrate of a workload that writes at a known rate. */
struct lu_knee *lu_knee_new(const json_t *results, bool with_suspect, GError **error);
void lu_knee_free(struct lu_knee *knee);
/* What the model says of that rate: seconds in all and at a standstill. */
bool lu_knee_model(const struct lu_knee_curve *curve, double dirty_mb_s, double *total,
		   double *blackout);
