/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each verb that there is says what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "bench/verb.h"
#include "tests/bench/command.h"

static void test_named_as_its_file(void **state)
{
	for (size_t i = 0; lu_verbs[i]; i++) {
		g_autofree char *path =
			g_strdup_printf("%s/bench/verbs/%s.c", LU_SOURCE_DIR, lu_verbs[i]->name);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			fail_msg("verb %s is not in %s", lu_verbs[i]->name, path);
	}
}

/* Each once, and in the order of their places. */
static void test_listed(void **state)
{
	struct output output = lubench(*state, "--help", NULL);
	const char *list = strstr(output.out, "Verbs:\n");
	unsigned before = 0;

	assert_non_null(list);
	list += strlen("Verbs:\n");
	for (size_t i = 0; lu_verbs[i]; i++) {
		g_autofree char *line =
			g_strdup_printf("  %-10s %s\n", lu_verbs[i]->name, lu_verbs[i]->summary);

		assert_non_null(strstr(list, line));
	}
	for (; *list != '\n'; list = strchr(list, '\n') + 1)
		for (size_t i = 0; lu_verbs[i]; i++) {
			g_autofree char *head = g_strdup_printf("  %s ", lu_verbs[i]->name);

			if (!g_str_has_prefix(list, head))
				continue;
			assert_true(lu_verbs[i]->place >= before);
			before = lu_verbs[i]->place;
		}
	output_clear(&output);
}

static void test_help(void **state)
{
	for (size_t i = 0; lu_verbs[i]; i++) {
		struct output output = lubench(*state, lu_verbs[i]->name, "--help", NULL);
		g_autofree char *usage = g_strdup_printf("lubench %s ", lu_verbs[i]->name);

		assert_int_equal(output.status, 0);
		assert_string_equal(output.err, "");
		assert_true(g_str_has_prefix(output.out, "Usage:"));
		assert_non_null(strstr(output.out, usage));
		output_clear(&output);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_as_its_file),
		cmocka_unit_test_setup_teardown(test_listed, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_help, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
