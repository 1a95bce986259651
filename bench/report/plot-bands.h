/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases as coloured bands behind a timeline, labelled above it without overlap. */
#pragma once
#include <glib.h>
#include "record/timeline.h"

/* x_min and x_max are the axis in seconds after trigger_ns; the plot's edges are at screen 0.10
 * and 0.975, its top at 0.80. */
void lu_plot_bands(GString *script, const struct lu_timeline *timeline, int64_t trigger_ns,
		   double x_min, double x_max);
