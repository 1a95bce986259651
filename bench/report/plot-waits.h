/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests waited for as a picture: a curve for each group of alike runs over a logarithmic
 * axis of time, beside the curve of its baseline. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct lu_plot_waits {
	const json_t *groups; /* of lu_group_alike() */
	const char *class;    /* of requests; NULL: all */
	/* the share that waited at least so long, on a logarithmic axis, which shows the few that
	 * waited longest; else the share that waited less */
	bool complement;
};

#define LU_PLOT_WAITS_WIDTH 900
unsigned lu_plot_waits_height(const struct lu_plot_waits *plot);
/* LU_ERROR_USAGE: none of the runs that count has waits, or too many groups to tell apart. */
bool lu_plot_waits(GString *script, const struct lu_plot_waits *plot, GError **error);
