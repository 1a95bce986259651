/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A design for factors of two levels that costs few runs: which of them are on in each row. Rows:
 * none, each alone, all, and a Hadamard matrix (Paley's) with its mirror image, in which each factor
 * is on in half of the rows, and in half of those in which another one is on. So the effect of each
 * can be told from those of all others, averaged over what the others do, and no interaction of two
 * is taken for an effect of one (resolution IV: Box, Hunter and Hunter, Statistics for
 * Experimenters).
 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Most factors of one design. */
#define LU_DESIGN_FACTORS 32

/* A row each, without repeats, none first: bit i says whether factor i is on. factors is 1 to
 * LU_DESIGN_FACTORS. g_array_unref() frees; elements are uint64_t. */
GArray *lu_design_screening(unsigned factors);
