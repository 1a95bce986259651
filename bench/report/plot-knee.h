/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Total time and blackout of migrate over the dirty rate: dots measured, lines by the model. */
#pragma once
#include "bench/report/knee.h"

#define LU_PLOT_KNEE_WIDTH  960
#define LU_PLOT_KNEE_HEIGHT 760

/* Append all after lu_plot_begin(). */
void lu_plot_knee(GString *script, const struct lu_knee *knee);
