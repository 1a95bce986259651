/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks that a carried service sees, on real kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define MS 1000000

static bool in_namespace(const struct run *run)
{
	const json_t *clock = json_object_get(json_object_get(run->result, "metrics"), "clock");

	return json_is_true(json_object_get(clock, "own_after"));
}

static const char *evidence(const struct run *run)
{
	const json_t *oracle = json_object_get(json_object_get(run->result, "oracles"), "clock");

	return json_string_value(json_object_get(oracle, "evidence"));
}

static void goes_on(const char *options)
{
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "clock"), "pass");
	assert_true(in_namespace(&run));
	assert_true(run_metric(&run, "timer_late_ns") > 0);
	assert_int_equal(run_metric(&run, "clock_back_ns"), 0);
	run_clear(&run);
}

static void goes_back(const char *options)
{
	struct run run = run_lubench(options);

	assert_string_equal(run_text(&run, "outcome"), "ok");
	assert_string_equal(run_verdict(&run, "clock"), "fail");
	assert_non_null(strstr(evidence(&run), "CLOCK_MONOTONIC went back"));
	assert_false(in_namespace(&run));
	assert_true(run_metric(&run, "clock_back_ns") > 0);
	run_clear(&run);
}

static void test_kexec(void **state)
{
	if (left_to_full("the clocks of a service that is carried over"))
		return;
	goes_on("--strategy=kexec");
	goes_back("--strategy=kexec --param timens=off");
}

static void test_failover(void **state)
{
	if (left_to_full("the same by failover"))
		return;
	goes_on("--strategy=failover");
	goes_back("--strategy=failover --param timens=off");
}

/* The emulated machine's clocks stop with it. */
static void test_pause(void **state)
{
	struct run run = run_good("--strategy=pause --param ms=500");

	assert_string_equal(run_verdict(&run, "clock"), "pass");
	assert_in_range(run_metric(&run, "timer_late_ns"), 450 * MS, 650 * MS);
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_pause),
	};
	int missing = run_prerequisites("x86-q35");

	return missing ?: cmocka_run_group_tests(tests, NULL, NULL);
}
