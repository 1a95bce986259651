/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values in the kernel's log. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "agent/log-value.h"

static const char log_text[] =
	"<6>[    0.000000] tsc: Fast TSC calibration using PIT\n"
	"<6>[    0.000000] tsc: Detected 2494.140 MHz processor\n"
	"<6>[    0.032000] Calibrating delay loop (skipped), value calculated using timer "
	"frequency.. 4988.28 BogoMIPS (lpj=9976560)\n"
	"<6>[    0.100000] tsc: Detected 1.000 MHz later\n";

static void expect(const char *pattern, const char *wanted)
{
	char value[16];

	if (!wanted) {
		assert_false(log_value(log_text, pattern, value, sizeof(value)));
		return;
	}
	assert_true(log_value(log_text, pattern, value, sizeof(value)));
	assert_string_equal(value, wanted);
}

static void test_values(void **state)
{
	expect("\\(lpj=([0-9]+)\\)", "9976560");
	expect("tsc: Detected ([0-9]+)\\.([0-9]+) MHz", "2494140");
	expect("^.*Fast TSC ([a-z]+)", "calibration");
	expect("no such line ([0-9]+)", NULL);
	expect("tsc: Detected", NULL);			/* says no value */
	expect("(", NULL);				/* no expression */
	expect("(frequency.. 4988.28 BogoMIPS)", NULL); /* does not fit */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
