/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helper programs: output, status, and an end to all that they have started. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "host/child.h"
#include "record/error.h"

static void test_output_and_status(void **state)
{
	static const char *const argv[] = {"sh", "-c", "echo $A; echo b >&2; exit 3", NULL};
	static const char *const env[] = {"A", "a", NULL};
	const struct lu_child child = {.argv = argv, .env = env, .timeout_s = 60};
	struct lu_child_result result;

	assert_true(lu_child_run(&child, &result, NULL));
	assert_int_equal(result.status, 3);
	assert_string_equal(result.out, "a\n");
	assert_string_equal(result.err, "b\n");
	lu_child_result_clear(&result);
}

/* What it has left in the background holds its output open. */
static void test_late_with_children(void **state)
{
	static const char *const argv[] = {"sh", "-c", "sleep 1000 & sleep 1000", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = 1};
	struct lu_child_result result;
	g_autoptr(GError) error = NULL;

	assert_false(lu_child_run(&child, &result, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_TIMEOUT));
}

/* One that has ended before it is asked for anything, and what it has left holds its output open. */
static void test_short(void **state)
{
	static const char *const argv[] = {"true", NULL};
	static const char *const leaving[] = {"sh", "-c", "sleep 1000 &", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = 60};
	const struct lu_child leaver = {.argv = leaving, .timeout_s = 1};
	struct lu_child_result result;
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 300; i++) {
		assert_true(lu_child_run(&child, &result, NULL));
		assert_int_equal(result.status, 0);
		lu_child_result_clear(&result);
	}
	assert_false(lu_child_run(&leaver, &result, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_TIMEOUT));
}

static void test_no_such_program(void **state)
{
	static const char *const argv[] = {"no-such-program", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = 1};
	struct lu_child_result result;
	g_autoptr(GError) error = NULL;

	assert_false(lu_child_run(&child, &result, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_status),
		cmocka_unit_test(test_late_with_children),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_no_such_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
