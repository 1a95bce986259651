/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twophase in a real guest: redis is carried whenever its memory comes back, and most of it comes
 * back later than the service where that is what was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static void check(const char *memory, unsigned mb)
{
	g_autofree char *options =
		g_strdup_printf("--strategy=twophase --workload=redis --param restore=%s "
				"--param dataset_mb=%u --param read_percent=50",
				memory, mb);
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "connections"), "pass");
	assert_string_equal(run_verdict(&run, "acknowledged-writes"), "pass");
	assert_string_equal(run_verdict(&run, "dataset"), "pass");
	run_clear(&run);
}

static void test_lazy(void **state)
{
	check("lazy", 8);
}

static void test_eager(void **state)
{
	if (left_to_full("eager, as kexec has it"))
		return;
	check("eager", 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_eager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
