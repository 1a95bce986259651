/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix (bench/report/matrix.h) as a picture: a panel a workload, a line a strategy, the median
 * as a dot on a logarithmic axis that all panels share, outcomes in words where there is none. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Of that metric, for a picture at path. LU_ERROR_USAGE: the suffix; nothing to show. */
bool lu_plot_matrix(GString *script, const char *path, const json_t *matrix, const char *metric,
		    GError **error);
