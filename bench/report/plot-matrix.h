/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as a picture: a panel for each workload, a line for each
 * strategy, the median as a dot on a logarithmic axis shared by all panels, the outcome in words
 * where there is no median. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Appends a picture of that metric; path is that of the picture. LU_ERROR_USAGE: its suffix; no
 * value to show. */
bool lu_plot_matrix(GString *script, const char *path, const json_t *matrix, const char *metric,
		    GError **error);
