/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of the sources of the catalogue's updates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "model/workload.h"
#include "workloads/catalog/source.h"

extern const struct lu_workload lu_workload_catalog;

static bool tells(const struct lu_update_ask *ask)
{
	return !g_str_equal(ask->was, ask->is) || (ask->anew && !g_str_equal(ask->was, ask->anew));
}

static bool some_question_tells(const struct lu_update *update)
{
	for (guint i = 0; i < update->asks->len; i++)
		if (tells(&g_array_index(update->asks, struct lu_update_ask, i)))
			return true;
	return false;
}

/* Another module that an update takes is loaded with the component. */
static bool has_module(const struct lu_update *update)
{
	return !update->module || g_strv_contains(lu_workload_catalog.kmods, update->module);
}

/* As many as the catalogue promises, each with questions whose answers differ before and after. */
static void test_all(void **state)
{
	unsigned n = 0;

	assert_string_equal(lu_update_versions[0], "v1");
	for (; lu_update_texts[n].name; n++) {
		const struct lu_update *update = lu_update_find(lu_update_texts[n].name);

		assert_non_null(update);
		assert_string_equal(lu_update_versions[n + 1], update->name);
		/* A version's name, as the kernel keeps it. */
		assert_true(strlen(update->name) <= 15);
		if (!some_question_tells(update))
			fail_msg("%s: no question tells the update", update->name);
		if (!has_module(update))
			fail_msg("%s: nobody loads %s", update->name, update->module);
	}
	assert_null(lu_update_versions[n + 1]);
	assert_true(n >= 24);
	assert_null(lu_update_find("none"));
}

/* What is built in is what is there: quotes, backslashes and semicolons, too. */
static void test_texts(void **state)
{
	for (const struct lu_update_text *each = lu_update_texts; each->name; each++) {
		g_autofree char *path =
			g_strdup_printf("%s/kmod/catalog/u-%s.c", LU_SOURCE_DIR, each->name);
		g_autofree char *text = NULL;

		assert_true(g_file_get_contents(path, &text, NULL, NULL));
		assert_string_equal(each->text, text);
	}
}

/* Marked code is counted; comments, empty lines and what only chooses are not. */
static void test_lines(void **state)
{
	static const char text[] = "/*\n * Title.\n *\n * ask: a 1 = 2 -> 3 | 4\n */\n"
				   "int a;\n/* +livepatch */\n#ifdef LIVEPATCH\nint b;\n\n"
				   "// no\nint c;\n#endif\n/* -livepatch */\n"
				   "int d; /* +hotswap -hotswap */\nint e;\n";
	g_autoptr(GError) error = NULL;
	struct lu_update *update = lu_update_parse("some", text, &error);

	if (!update)
		fail_msg("%s", error->message);
	assert_string_equal(update->name, "some");
	assert_string_equal(update->title, "Title");
	assert_int_equal(update->patch_lines, 2);
	assert_int_equal(update->swap_lines, 1);
	assert_string_equal(g_array_index(update->asks, struct lu_update_ask, 0).anew, "4");
	lu_update_free(update);
}

/* Half a question; two that somebody has joined; nothing to ask. */
static void test_bad(void **state)
{
	static const char *const texts[][2] = {
		{"/*\n * Bad.\n * ask: a -> b\n */\n", "update bad, line 3"},
		{"/*\n * Bad.\n * ask: a = b -> c ask: d = e -> f\n */\n", "update bad, line 3"},
		{"/*\n * Bad.\n * core: yes ask: a = b -> c\n */\n", "update bad, line 3"},
		{"/*\n * Bad.\n */\n", "nothing to ask"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(lu_update_parse("bad", texts[i][0], &error));
		assert_non_null(strstr(error->message, texts[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
