/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How Wilcoxon's statistics are distributed when nothing differs: exactly for few values, else as
 * normal ones. */
#pragma once
#include <stddef.h>

/* That at most u of the na × nb pairs of two samples are in one direction (Mann and Whitney). */
double lu_rank_sum_p(size_t na, size_t nb, double u);
/* That the ranks of the positive ones of n differences sum up to at most w. */
double lu_signed_rank_p(size_t n, double w);
