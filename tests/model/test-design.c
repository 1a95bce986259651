/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screening design tells each factor from all others, and costs few rows. */
#include "tests/kit/cmocka-all.h"
#include <stdbool.h>
#include "model/design.h"

static bool has(const GArray *rows, uint64_t row)
{
	for (guint i = 0; i < rows->len; i++)
		if (g_array_index(rows, uint64_t, i) == row)
			return true;
	return false;
}

/* Rows that are not of those with one factor alone: the balanced part, with none and all. */
static bool is_balanced_row(uint64_t row)
{
	return row == 0 || (row & (row - 1));
}

static unsigned count(const GArray *rows, uint64_t mask)
{
	unsigned n = 0;

	for (guint i = 0; i < rows->len; i++) {
		uint64_t row = g_array_index(rows, uint64_t, i);

		n += is_balanced_row(row) && (row & mask) == mask;
	}
	return n;
}

static void check_ends(unsigned factors)
{
	g_autoptr(GArray) rows = lu_design_screening(factors);
	uint64_t all = (UINT64_C(1) << factors) - 1;

	assert_int_equal(g_array_index(rows, uint64_t, 0), 0);
	assert_true(has(rows, all));
	for (unsigned i = 0; i < factors; i++)
		assert_true(has(rows, UINT64_C(1) << i));
	for (guint i = 0; i < rows->len; i++) {
		uint64_t row = g_array_index(rows, uint64_t, i);

		assert_int_equal(row & ~all, 0);
		for (guint k = 0; k < i; k++)
			assert_true(g_array_index(rows, uint64_t, k) != row);
		/* the mirror image: but for those alone */
		assert_true(!is_balanced_row(row) || has(rows, ~row & all));
	}
	assert_true(rows->len <= 3 * factors + 24);
}

static void test_ends_are_there(void **state)
{
	for (unsigned factors = 1; factors <= LU_DESIGN_FACTORS; factors++)
		check_ends(factors);
}

/* With as many factors as the matrix has columns no row is that of a factor alone by chance. */
static void check_balance(unsigned factors)
{
	g_autoptr(GArray) rows = lu_design_screening(factors);
	unsigned all = 2 * factors;

	assert_int_equal(rows->len, all + factors);
	for (unsigned i = 0; i < factors; i++)
		for (unsigned k = 0; k < factors; k++) {
			uint64_t both = UINT64_C(1) << i | UINT64_C(1) << k;

			assert_int_equal(count(rows, both), i == k ? all / 2 : all / 4);
		}
}

static void test_factors_are_balanced(void **state)
{
	check_balance(8);
	check_balance(12);
	check_balance(20);
	check_balance(24);
	check_balance(32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_are_there),
		cmocka_unit_test(test_factors_are_balanced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
