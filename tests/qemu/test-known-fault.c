/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crash that QEMU is known to cause is named, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "qemu/vm/known-fault.h"

#define INT3	     "[   21.375425] int3: 0000 [#1] PREEMPT SMP NOPTI\n"
#define INT3_SINCE   "[   24.727144] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\n"
#define FATAL	     "[   21.375999] Kernel panic - not syncing: Fatal exception in interrupt\n"
#define DEBIAN(text) text " (Debian 1:" text "+dfsg-7)"

static void test_stale_breakpoint(void **state)
{
	static const char *const old[] = {DEBIAN("7.2.22"), "8.0.5", "6.2.0"};

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		const char *text = lu_vm_known_fault(old[i], true, "quiet\n" INT3 FATAL);

		assert_non_null(text);
		assert_non_null(strstr(text, "deba78709ae8"));
		assert_non_null(lu_vm_known_fault(old[i], true, INT3_SINCE FATAL));
	}
}

static void test_others(void **state)
{
	assert_null(lu_vm_known_fault("8.1.0", true, INT3 FATAL));
	assert_null(lu_vm_known_fault("10.0.2", true, INT3 FATAL));
	assert_null(lu_vm_known_fault("7.2.22", false, INT3 FATAL));
	assert_null(lu_vm_known_fault("7.2.22", true, FATAL));
	assert_null(lu_vm_known_fault("7.2.22", true, ""));
	assert_null(lu_vm_known_fault("newest", true, INT3 FATAL));
	assert_null(lu_vm_known_fault(NULL, true, INT3 FATAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stale_breakpoint),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
