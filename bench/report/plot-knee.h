/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Total time and blackout of migrate over the dirty
 * rate: measurements as dots, the model as lines. */
#pragma once
#include "bench/report/knee.h"

#define LU_PLOT_KNEE_WIDTH  960
#define LU_PLOT_KNEE_HEIGHT 760

/* Call it after lu_plot_begin(). */
void lu_plot_knee(GString *script, const struct lu_knee *knee);
