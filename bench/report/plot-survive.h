/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survival matrix as a picture: a square for each cell, its fate by colour and by a sign. */
#pragma once
#include <stdbool.h>
#include "bench/report/survive.h"

/* Draw it to path (.svg, .png or .pdf). LU_ERROR_USAGE: another suffix; LU_ERROR_UNSUPPORTED: no
 * gnuplot. */
bool lu_plot_survive(const struct lu_survive *survive, const char *path, GError **error);
/* The script for that; for tests. */
bool lu_plot_survive_script(GString *script, const struct lu_survive *survive, const char *path,
			    GError **error);
