/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which console words are a kernel's last, and what is kept of the rest. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "qemu/vm/console.h"

static char *panic_of(const char *text)
{
	struct lu_console *console = lu_console_new(NULL, -1);
	char *panic;

	lu_console_feed(console, text, strlen(text));
	panic = g_strdup(lu_console_panic(console));
	lu_console_free(console);
	return panic;
}

static void expect_panic(const char *text, const char *expected)
{
	g_autofree char *panic = panic_of(text);

	assert_non_null(panic);
	assert_string_equal(panic, expected);
}

static void test_panics(void **state)
{
	expect_panic("[    1.525387] Kernel panic - not syncing: VFS: no root\r\n",
		     "Kernel panic - not syncing: VFS: no root");
	expect_panic("Kernel panic - not syncing: x\n", "Kernel panic - not syncing: x");
	expect_panic("[1.0] BUG: kernel NULL pointer dereference, address: 0\n",
		     "BUG: kernel NULL pointer dereference, address: 0");
	expect_panic("[2.0] BUG: Unable to handle kernel data access at 0x0\n",
		     "BUG: Unable to handle kernel data access at 0x0");
	expect_panic("[2.0] Oops: Kernel access of bad area, sig: 11 [#1]\n",
		     "Oops: Kernel access of bad area, sig: 11 [#1]");
}

/* The panic tells more than the oops before it; a second oops tells less than the first. */
static void test_which_line(void **state)
{
	expect_panic("[1.0] Oops: 0000 [#1]\n[1.1] Oops: 0000 [#2]\n", "Oops: 0000 [#1]");
	expect_panic("[1.0] Oops: 0000 [#1]\n[1.1] Kernel panic - not syncing: Fatal exception\n",
		     "Kernel panic - not syncing: Fatal exception");
}

static void test_no_panic(void **state)
{
	assert_null(panic_of("[1.0] Command line: quiet panic=-1\n"));
	assert_null(panic_of("[1.0] agent: no Kernel panic here\n"));
	assert_null(panic_of("[x] Kernel panic\n"));
	assert_null(panic_of("[1.0] Kernel pan")); /* not whole yet */
}

static void test_split_line(void **state)
{
	struct lu_console *console = lu_console_new(NULL, -1);

	lu_console_feed(console, "[1.0] Kernel pa", 15);
	assert_null(lu_console_panic(console));
	lu_console_feed(console, "nic\n", 4);
	assert_string_equal(lu_console_panic(console), "Kernel panic");
	lu_console_free(console);
}

static void test_tail(void **state)
{
	struct lu_console *console = lu_console_new(NULL, -1);
	g_autofree char *none = lu_console_tail(console, 5);

	assert_string_equal(none, "");
	for (int i = 0; i < 1000; i++) {
		g_autofree char *line = g_strdup_printf("\033[2Jline\x01 %d\r\n", i);

		lu_console_feed(console, line, strlen(line));
	}
	g_autofree char *two = lu_console_tail(console, 2);
	g_autofree char *all = lu_console_tail(console, 5000);

	assert_string_equal(two, "line? 998\nline? 999\n");
	assert_true(g_str_has_prefix(all, "line? 800\n"));
	lu_console_free(console);
}

static void feed(struct lu_console *console, const char *text)
{
	lu_console_feed(console, text, strlen(text));
}

static void expect_shown(struct lu_console *console, const char *expected)
{
	g_autofree char *tail = lu_console_tail(console, 10);

	assert_string_equal(tail, expected);
}

/* What is held is shown in order once open; what is dropped, never. The harness sees all of it, and
 * a panic at once. */
static void test_gate(void **state)
{
	struct lu_console *console = lu_console_new(NULL, -1);

	feed(console, "one\n");
	lu_console_gate(console, LU_GATE_HOLD);
	feed(console, "two\nKernel panic - not syncing: x\n");
	expect_shown(console, "one\n");
	assert_string_equal(lu_console_panic(console), "Kernel panic - not syncing: x");
	lu_console_gate(console, LU_GATE_OPEN);
	feed(console, "three\n");
	expect_shown(console, "one\ntwo\nKernel panic - not syncing: x\nthree\n");
	lu_console_gate(console, LU_GATE_CLOSED);
	feed(console, "four\n");
	lu_console_gate(console, LU_GATE_OPEN);
	feed(console, "five\n");
	g_autofree char *shown = lu_console_tail(console, 2);
	g_autofree char *words = lu_console_words(console, 2);

	assert_string_equal(shown, "three\nfive\n");
	assert_string_equal(words, "four\nfive\n");
	lu_console_free(console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_panics),	 cmocka_unit_test(test_which_line),
		cmocka_unit_test(test_no_panic), cmocka_unit_test(test_split_line),
		cmocka_unit_test(test_tail),	 cmocka_unit_test(test_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
