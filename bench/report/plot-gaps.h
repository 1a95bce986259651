/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All interruptions of a run as marks in a timeline, the blackout among them. */
#pragma once
#include <glib.h>
#include <jansson.h>

struct lu_plot_gaps {
	const json_t *result;
	int64_t trigger_ns;
	double x_min, x_max; /* s since the trigger */
	double left, right;  /* where these two are on the canvas, as parts of its width */
	double y;	     /* of the marks, in units of the plot; labels stand above it */
};

/*
 * A line for each, the longest with arrow heads and named "blackout", the others with their length
 * where it has room beside those of longer ones.
 */
void lu_plot_gaps(GString *script, const struct lu_plot_gaps *plot);
/* Their entry of the legend, as an element of a plot command that begins with ", "; nothing where
 * there is none but the blackout. */
void lu_plot_gaps_key(GString *script, const json_t *result);
