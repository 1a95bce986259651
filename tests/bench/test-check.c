/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor says of a program, whatever that does when it is asked for its version. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include "bench/check.h"

static const struct {
	const char *script;
	unsigned within_s;
	bool ok;
	const char *detail;
} cases[] = {
	{"echo 'odd 1.2'; echo more", 60, true, "odd 1.2"},
	{"exit 3", 60, false, "odd --version: exit status 3"},
	{"exec sleep 1000", 1, false, "odd did not end within 1 s"},
};

static void test_programs(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("check-XXXXXX", NULL);
	g_autofree char *program = g_build_filename(dir, "odd", NULL);
	g_autofree char *path = g_strconcat(dir, ":", g_getenv("PATH"), NULL);

	g_setenv("PATH", path, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) checks =
			g_ptr_array_new_with_free_func((GDestroyNotify)lu_check_free);
		g_autofree char *text = g_strconcat("#!/bin/sh\n", cases[i].script, "\n", NULL);
		const struct lu_check *check;

		assert_true(g_file_set_contents(program, text, -1, NULL));
		g_chmod(program, 0755);
		lu_check_program(checks, "odd", cases[i].within_s, true, "install it");
		check = checks->pdata[0];
		assert_int_equal(check->ok, cases[i].ok);
		assert_string_equal(check->detail, cases[i].detail);
		assert_int_equal(check->advice != NULL, !cases[i].ok);
	}
	g_unlink(program);
	g_rmdir(dir);
}

static void test_no_program(void **state)
{
	g_autoptr(GPtrArray) checks = g_ptr_array_new_with_free_func((GDestroyNotify)lu_check_free);

	lu_check_program(checks, "lubench-no-such", 60, true, "install it");
	assert_false(((struct lu_check *)checks->pdata[0])->ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_programs),
					   cmocka_unit_test(test_no_program)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
