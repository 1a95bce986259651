/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run as a picture: latency over intended time, phases as bands, the blackout marked. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <jansson.h>
#include "record/timeline.h"

/* Call it after lu_plot_begin(). LU_ERROR_USAGE: the run has no request to show. */
bool lu_plot_timeline(GString *script, const json_t *result, const struct lu_timeline *timeline,
		      GError **error);
#define LU_PLOT_TIMELINE_WIDTH	1000
#define LU_PLOT_TIMELINE_HEIGHT 560
