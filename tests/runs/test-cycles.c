/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real system upgraded there, back and there again: what was restored can be dumped again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define REDIS " --workload=redis --param dataset_mb=8 --strategy="

static void check(const char *options, size_t n)
{
	struct run run = run_good(options);
	const json_t *cycles = json_object_get(json_object_get(run.result, "metrics"), "cycles");
	const json_t *each = json_object_get(cycles, "each"), *one;
	size_t i;

	/* too few for a slope */
	assert_string_equal(run_verdict(&run, "cycles"), "waived");
	assert_string_equal(run_verdict(&run, "version"), "pass");
	assert_string_equal(run_verdict(&run, "clock"), "pass");
	assert_int_equal(json_array_size(each), n);
	json_array_foreach(each, i, one)
	{
		assert_true(json_integer_value(json_object_get(one, "blackout_ns")) > 0);
		assert_int_equal(json_integer_value(json_object_get(one, "connections_reset")), 0);
		assert_true(json_integer_value(json_object_get(one, "descriptors")) > 0);
		assert_true(json_integer_value(json_object_get(one, "guest_bytes")) > 0);
	}
	run_clear(&run);
}

static void test_kexec(void **state)
{
	if (left_to_full("a kernel upgraded by kexec, there and back"))
		return;
	check("--cycles=3" REDIS "kexec", 3);
}

static void test_failover(void **state)
{
	if (left_to_full("failover there, back and there again"))
		return;
	check("--cycles=3" REDIS "failover", 3);
}

/* The oracle tells what is wrong with these services. */
static void check_found(const char *options, const char *outcome, const char *why)
{
	struct run run = run_lubench(options);
	const json_t *oracle = json_object_get(json_object_get(run.result, "oracles"), "cycles");
	const char *evidence = json_string_value(json_object_get(oracle, "evidence"));

	assert_string_equal(run_text(&run, "outcome"), outcome);
	assert_string_equal(run_verdict(&run, "cycles"), "fail");
	if (!strstr(evidence, why))
		fail_msg("not '%s': %s", why, evidence);
	run_clear(&run);
}

static void test_leak(void **state)
{
	if (left_to_full("a service that leaks"))
		return;
	check_found("--strategy=null --cycles=8 --workload=service --param spec=leak", "ok",
		    "upgrade 8 of 8");
}

static void test_not_again(void **state)
{
	if (left_to_full("a service that can be carried over once"))
		return;
	check_found("--strategy=kexec --cycles=2 --workload=service --param spec=later", "refused",
		    "upgrade 2 of 2: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_not_again),
	};
	int missing = run_prerequisites("x86-q35");

	return missing ?: cmocka_run_group_tests(tests, NULL, NULL);
}
