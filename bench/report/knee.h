/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of migrate over the dirty rate, compared with the model of pre-copy (record/precopy.h). */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <jansson.h>
#include "record/precopy.h"

/* A measured figure over the good runs of a plan, s;
 * without an interval, low and high equal the median. */
struct lu_knee_figure {
	double median, low, high;
};

struct lu_knee_point {
	double dirty_mb_s;
	unsigned runs, good;
	struct lu_knee_figure total;	/* from the trigger until the destination runs */
	struct lu_knee_figure blackout; /* as seen by the clients */
	struct lu_knee_figure claimed;	/* the mechanism's own downtime */
	double model_total, model_blackout;
	bool converges; /* according to the model, within max_rounds */
};

/* Runs that differ only in the dirty rate. */
struct lu_knee_curve {
	char *label;  /* "precopy auto_converge=on" */
	bool at_once; /* postcopy: the rest is fetched while the destination runs */
	struct lu_precopy_config config; /* without a dirty rate */
	GArray *points;			 /* struct lu_knee_point, by dirty rate */
};

struct lu_knee {
	GPtrArray *curves;
	double memory;	  /* bytes, from the runs with the lowest dirty rate */
	double bandwidth; /* bytes a second, if all have the same, else 0 */
};

/* LU_ERROR_USAGE: no run of migrate of a workload that writes at a known rate. */
struct lu_knee *lu_knee_new(const json_t *results, bool with_suspect, GError **error);
void lu_knee_free(struct lu_knee *knee);
/* The model's total time and blackout at that rate, s. */
bool lu_knee_model(const struct lu_knee_curve *curve, double dirty_mb_s, double *total,
		   double *blackout);
