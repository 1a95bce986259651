/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/design.h"
#include <stdbool.h>

/* Primes one below a multiple of 4; the last is one below LU_DESIGN_FACTORS. */
static const int primes[] = {3, 7, 11, 19, 23, 31};

static int prime_for(unsigned factors)
{
	size_t i = 0;

	while (primes[i] + 1 < (int)factors)
		i++;
	return primes[i];
}

/* Of Legendre: 1, when a is a square modulo q, else -1; 0 for 0. */
static int symbol(int a, int q)
{
	a = (a % q + q) % q;
	for (int x = 1; a && x < q; x++)
		if (x * x % q == a)
			return 1;
	return a ? -1 : 0;
}

/* Entry of the matrix of order q + 1, the first row of which is all 1: Paley's first construction. */
static int entry(int row, int column, int q)
{
	if (row == 0)
		return 1;
	if (column == 0)
		return -1;
	return row == column ? 1 : symbol(row - column, q);
}

static void add_once(GArray *rows, uint64_t row)
{
	for (guint i = 0; i < rows->len; i++)
		if (g_array_index(rows, uint64_t, i) == row)
			return;
	g_array_append_val(rows, row);
}

GArray *lu_design_screening(unsigned factors)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	uint64_t all = factors < 64 ? (UINT64_C(1) << factors) - 1 : UINT64_MAX;
	int q = prime_for(factors);

	add_once(rows, 0);
	for (unsigned i = 0; i < factors; i++)
		add_once(rows, UINT64_C(1) << i);
	for (int r = 0; r <= q; r++) {
		uint64_t row = 0;

		for (unsigned i = 0; i < factors; i++)
			row |= entry(r, (int)i, q) > 0 ? UINT64_C(1) << i : 0;
		add_once(rows, row);
		add_once(rows, ~row & all);
	}
	return rows;
}
