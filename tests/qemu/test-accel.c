/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An emulation that is asked for by name is what a guest gets, and the result says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "qemu/vm/accel.h"

static void test_by_name(void **state)
{
	static const char *const names[] = {"tcg", "tcg-single", "icount"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *why = NULL;
		GError *error = NULL;

		assert_string_equal(lu_accel_choose(names[i], "no-such-arch", &why, &error),
				    names[i]);
		assert_null(error);
		assert_true(g_str_has_prefix(why, names[i]));
	}
}

/* KVM runs guests of the host's own architecture only. */
static void test_another_architecture(void **state)
{
	g_autofree char *why = NULL, *refused = NULL;
	GError *error = NULL;

	assert_string_equal(lu_accel_choose("auto", "no-such-arch", &why, &error), "tcg");
	assert_non_null(strstr(why, "no-such-arch"));
	assert_null(lu_accel_choose("kvm", "no-such-arch", &refused, &error));
	assert_non_null(error);
	g_error_free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_another_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
