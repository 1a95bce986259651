/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates, as far as it goes without a guest: the catalogue's sources are read whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "bench/report/update-source.h"
#include "tests/bench/command.h"

static void test_unknown(void **state)
{
	struct output output = lubench(*state, "updates", "no_such_update", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "there is no update no_such_update"));
	assert_int_equal(lines(output.err), 1);
	output_clear(&output);
}

/* As many as the catalogue promises, each with questions whose answers differ before and after. */
static void test_catalogue(void **state)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *updates = lu_updates_read(LU_SOURCE_DIR "/kmod/catalog", &error);

	if (!updates)
		fail_msg("%s", error->message);
	assert_true(updates->len >= 24);
	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update *update = updates->pdata[i];
		bool seen = false;

		/* A version's name, as the kernel keeps it. */
		assert_true(strlen(update->name) <= 15);
		for (guint k = 0; k < update->asks->len; k++) {
			const struct lu_update_ask *ask =
				&g_array_index(update->asks, struct lu_update_ask, k);

			seen |= !g_str_equal(ask->was, ask->is) ||
				(ask->anew && !g_str_equal(ask->was, ask->anew));
		}
		if (!seen)
			fail_msg("%s: no question tells the update", update->name);
	}
	g_ptr_array_unref(updates);
}

/* Marked code is counted; comments, empty lines and what only chooses are not. */
static void test_lines(void **state)
{
	const struct world *world = *state;
	static const char text[] = "/*\n * Title.\n *\n * ask: a 1 = 2 -> 3 | 4\n */\n"
				   "int a;\n/* +livepatch */\n#ifdef LIVEPATCH\nint b;\n\n"
				   "// no\nint c;\n#endif\n/* -livepatch */\n"
				   "int d; /* +hotswap -hotswap */\nint e;\n";
	g_autofree char *path = world_file(world, "u-some.c", text);
	g_autofree char *dir = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;
	GPtrArray *updates = lu_updates_read(dir, &error);
	const struct lu_update *update;

	if (!updates)
		fail_msg("%s", error->message);
	update = updates->pdata[0];
	assert_string_equal(update->name, "some");
	assert_string_equal(update->title, "Title");
	assert_int_equal(update->patch_lines, 2);
	assert_int_equal(update->swap_lines, 1);
	assert_string_equal(g_array_index(update->asks, struct lu_update_ask, 0).anew, "4");
	g_ptr_array_unref(updates);
}

static void test_bad_source(void **state)
{
	g_autofree char *path = world_file(*state, "u-bad.c", "/*\n * Bad.\n * ask: a -> b\n */\n");
	g_autofree char *dir = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	assert_null(lu_updates_read(dir, &error));
	assert_non_null(strstr(error->message, "update bad, line 3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown, world_setup, world_teardown),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test_setup_teardown(test_lines, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_bad_source, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
