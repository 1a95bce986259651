/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: services with memory that changes, with files on a disk, and of several
 * processes, over another kernel and over a power cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static void check_verdict(const struct run *run, const char *what, const char *oracle,
			  const char *due)
{
	if (!g_str_equal(run_verdict(run, oracle), due))
		fail_msg("%s: %s is %s, should be %s", what, oracle, run_verdict(run, oracle), due);
}

/* Over kexec nothing is waived, and no connection is lost. */
static struct run over_kexec(const char *workload, const char *const *oracles)
{
	g_autofree char *options = g_strconcat("--strategy=kexec --workload=", workload, NULL);
	struct run run = run_good(options);

	check_verdict(&run, options, "version", "pass");
	check_verdict(&run, options, "connections", "pass");
	check_verdict(&run, options, "replies", "pass");
	for (; *oracles; oracles++)
		check_verdict(&run, options, *oracles, "pass");
	return run;
}

static double figure(const struct run *run, const char *name)
{
	const json_t *environment = json_object_get(run->result, "environment");

	return json_number_value(json_object_get(json_object_get(environment, "workload"), name));
}

/* At a rate that any host's emulation keeps up with. */
static void test_dirty(void **state)
{
	static const char *const oracles[] = {"order", "memory", "state", NULL};
	struct run run = over_kexec("dirty", oracles);

	assert_float_equal(figure(&run, "asked_mb_per_s"), 20, 0);
	assert_float_equal(figure(&run, "achieved_mb_per_s"), 20, 1);
	run_clear(&run);
}

static void test_oltp(void **state)
{
	static const char *const oracles[] = {"acknowledged", "order", "integrity", "reads", NULL};
	struct run run = over_kexec("oltp", oracles);

	run_clear(&run);
}

/* Memory and connections are gone, no acknowledged transaction is. */
static void test_power_cut(void **state)
{
	static const char options[] = "--strategy=cold --workload=oltp";
	struct run run = run_good(options);

	check_verdict(&run, options, "connections", "waived");
	check_verdict(&run, options, "acknowledged", "pass");
	check_verdict(&run, options, "order", "pass");
	check_verdict(&run, options, "integrity", "pass");
	run_clear(&run);
}

/* The disk is real: what nobody waited for is lost with power, and that is seen. */
static void test_power_cut_without_sync(void **state)
{
	static const char options[] = "--strategy=cold --workload=oltp --param sync=off";
	struct run run;

	if (left_to_full("a power cut without sync"))
		return;
	run = run_lubench(options);
	assert_string_equal(run_text(&run, "outcome"), "ok");
	assert_int_not_equal(run.status, 0);
	check_verdict(&run, options, "acknowledged", "fail");
	run_clear(&run);
}

static void test_http(void **state)
{
	static const char *const oracles[] = {"order", "bytes", "downloads", "content", NULL};
	struct run run;

	if (left_to_full("http over a good network"))
		return;
	run = over_kexec("http", oracles);
	run_clear(&run);
}

/* Downloads are what a bad network hurts most: none has to be begun again, no byte is wrong. */
static void test_http_over_a_bad_network(void **state)
{
	static const char options[] = "kexec-lossy --workload=http --param chunk_kb=8";
	static const char *const oracles[] = {"version", "connections", "replies", "order",
					      "bytes",	 "downloads",	"content", NULL};
	struct run run = run_good(options);

	for (const char *const *oracle = oracles; *oracle; oracle++)
		check_verdict(&run, options, *oracle, "pass");
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),	  cmocka_unit_test(test_oltp),
		cmocka_unit_test(test_power_cut), cmocka_unit_test(test_power_cut_without_sync),
		cmocka_unit_test(test_http),	  cmocka_unit_test(test_http_over_a_bad_network),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
