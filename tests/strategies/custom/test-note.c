/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result keeps of a script's output. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <string.h>
#include "strategies/custom/note.h"

#define WARNING "Warn  (criu/net.c:3767): NSID isn't reported for network links\n"

static void expect(const char *output, const char *note)
{
	g_autofree char *found = lu_script_note(output);

	assert_string_equal(found, note);
}

static void test_condensed(void **state)
{
	expect("", "");
	expect(" \n\t\n", "");
	expect("one  two\n", "one two");
	expect("retry\nretry\nretry\ndone\n", "retry; done");
	expect(WARNING "saved\n" WARNING, "saved; (2 warnings of CRIU)");
	expect(WARNING, "(1 warning of CRIU)");
}

/* Bounded, in whole characters. */
static void test_bounded(void **state)
{
	g_autoptr(GString) long_one = g_string_new(NULL);

	for (int i = 0; i < 1000; i++)
		g_string_append_printf(long_one, "Zeile ä %d\n", i);
	g_autofree char *note = lu_script_note(long_one->str);

	assert_true(strlen(note) <= 410 && g_utf8_validate(note, -1, NULL));
	assert_true(g_str_has_prefix(note, "… ") && g_str_has_suffix(note, "; Zeile ä 999"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_condensed),
					   cmocka_unit_test(test_bounded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
