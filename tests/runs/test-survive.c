/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel resources across a real kexec: some that survive, one that CRIU refuses, some that it would
 * lose without a word; and three that are broken on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define PROBE "--workload=probe --connections=2 --rate=50 --param probe="

static void test_survives(void **state)
{
	struct run run =
		run_good("--strategy=kexec " PROBE "pipe-data+epoll+timerfd-relative+fifo");

	assert_string_equal(run_verdict(&run, "probe"), "pass");
	run_clear(&run);
}

/* A pidfd is a kind of file that CRIU does not know. */
static void test_refused(void **state)
{
	struct run run = run_lubench("--strategy=kexec " PROBE "pidfd");

	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_string_equal(run_verdict(&run, "probe"), "pass");
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	run_clear(&run);
}

/* What CRIU loses without a word is refused, and what shows only in the freeze there. */
static void test_not_lost(void **state)
{
	static const char *const probes[] = {"inotify-queued", "eventfd-semaphore"};
	static const char *const words[] = {"would lose the events", "no semaphore"};

	for (size_t i = 0; i < G_N_ELEMENTS(probes); i++) {
		g_autofree char *options = g_strconcat("--strategy=kexec " PROBE, probes[i], NULL);
		struct run run;

		if (left_to_full(probes[i]))
			continue;
		run = run_lubench(options);
		assert_string_equal(run_text(&run, "outcome"), "refused");
		assert_non_null(strstr(run_text(&run, "reason"), words[i]));
		assert_string_equal(run_verdict(&run, "probe"), "pass");
		assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
		run_clear(&run);
	}
}

static void test_lost_silently(void **state)
{
	run_spoilt("--strategy=kexec --param preflight=off " PROBE "inotify-queued", "probe",
		   "order");
}

static void test_broken_on_purpose(void **state)
{
	run_spoilt("--strategy=null --param spoil=on " PROBE "pipe-data", "probe", "order");
	run_spoilt("--strategy=null --param spoil=on " PROBE "epoll", "probe", "order");
	run_spoilt("--strategy=null --param spoil=on " PROBE "file-offset", "probe", "order");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_survives),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_lost),	  cmocka_unit_test(test_lost_silently),
		cmocka_unit_test(test_broken_on_purpose),
	};
	int missing = run_prerequisites("x86-q35");

	return missing ?: cmocka_run_group_tests(tests, NULL, NULL);
}
