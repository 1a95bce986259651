/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs as a picture: a bar for each group shows what the blackout consists of, whiskers
 * reach from the least to the most. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * groups as of lu_group_alike(). A bar shows the run nearest its group's median, so that its pieces
 * add up to a real run. Call it after lu_plot_begin(). LU_ERROR_USAGE: no good run in any group.
 */
bool lu_plot_bars(GString *script, const json_t *groups, GError **error);
#define LU_PLOT_BARS_HEIGHT 560
/* Width that leaves room for each group's label. */
unsigned lu_plot_bars_width(const json_t *groups);
