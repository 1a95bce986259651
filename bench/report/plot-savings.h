/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Savings as a waterfall: from the blackout without any switch to that with all. */
#pragma once
#include "bench/report/savings.h"

#define LU_PLOT_SAVINGS_WIDTH 1000
/* Depends on the number of switches. */
unsigned lu_plot_savings_height(const struct lu_savings *savings);
void lu_plot_savings(GString *script, const struct lu_savings *savings);
