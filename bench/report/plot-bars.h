/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs as a picture: a bar a group, the blackout by where its time went, whiskers from the
 * least to the most. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * groups as of lu_group_alike(). A bar is the run nearest its group's median, so that its pieces
 * add up to something that happened. Append all after lu_plot_begin(). LU_ERROR_USAGE: no good run
 * in any group.
 */
bool lu_plot_bars(GString *script, const json_t *groups, GError **error);
#define LU_PLOT_BARS_HEIGHT 560
/* Room for every group's label. */
unsigned lu_plot_bars_width(const json_t *groups);
