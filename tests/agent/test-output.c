/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a script's output. */
#include "tests/kit/cmocka-all.h"
#include <stdlib.h>
#include "agent/output.h"

#define WARNING "Warn  (criu/net.c:3767): NSID isn't reported for network links\n"

static void expect(const char *output, const char *tail)
{
	char *found = output_tail(output);

	assert_string_equal(found, tail);
	free(found);
}

static void test_tail(void **state)
{
	expect("", "");
	expect("\n\n", "");
	expect("one", "one");
	expect("one\ntwo\n\n", "one; two");
	expect("one\ntwo\nthree\nfour\nfive\n", "two; three; four; five");
}

/* However many there are, they leave what else was said. */
static void test_warnings(void **state)
{
	expect("why it failed\n" WARNING WARNING WARNING WARNING WARNING,
	       "why it failed (5 warnings of CRIU)");
	expect(WARNING "one\n" WARNING "two", "one; two (2 warnings of CRIU)");
	expect(WARNING, "(1 warning of CRIU)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tail),
					   cmocka_unit_test(test_warnings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
