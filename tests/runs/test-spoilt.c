/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: services that do one thing wrong on purpose after a move, or have to
 * start over. The oracle that it is about tells it, and others have nothing to tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

/* A service that has found something wrong says so for ever: waiting for a
 * correct reply is in vain. */
#define BRIEF "--rate=20 --timeout=5000 "

struct spoilt {
	const char *spoil, *fails, *holds;
	bool again; /* what fails has been seen to: only in the full check */
};

/* Ends with {}. */
static void expect_told(const char *workload, const struct spoilt *cases)
{
	for (; cases->spoil; cases++) {
		g_autofree char *options =
			g_strdup_printf("--strategy=hotswap " BRIEF "--workload=%s -p spoil=%s",
					workload, cases->spoil);

		if (cases->again && left_to_full(options))
			continue;
		run_spoilt(options, cases->fails, cases->holds);
	}
}

/* Without new flows in place of old ones: an echo that is still to be read stays to be read. What
 * does not come back has to be given up before the audit is. */
static void test_nat(void **state)
{
	static const struct spoilt cases[] = {
		{"lose -p patience_ms=2000", "messages", "order"},
		{"port", "flows", "messages"},
		{"answer", "order", "messages"},
		{"double", "messages", "flows", true},
		{"change -p patience_ms=2000", "messages", "order", true},
		{"close", "flows", "network", true},
		{}};

	expect_told("nat -p churn=0", cases);
}

static void test_pool(void **state)
{
	static const struct spoilt cases[] = {{"change", "records", "requests"},
					      {"again", "requests", "records"},
					      {"answer", "order", "records", true},
					      {}};

	expect_told("pool", cases);
}

static void test_block(void **state)
{
	static const struct spoilt cases[] = {
		{"change", "blocks", "order"}, {"answer", "order", "blocks", true}, {}};

	expect_told("block", cases);
}

/* A service that started over is told by its last oracle, which is waived only when it failed. */
static void test_started_over(void **state)
{
	static const struct {
		const char *workload, *told, *holds;
	} cases[] = {{"pool", "devices", "records"}, {"nat", "network", "flows"}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *options = g_strdup_printf(
			"--strategy=reload " BRIEF "--workload=%s", cases[i].workload);
		struct run run;

		if (i && left_to_full(options))
			continue;
		run = run_good(options);
		assert_string_equal(run_verdict(&run, cases[i].told), "waived");
		assert_string_equal(run_verdict(&run, cases[i].holds), "pass");
		run_clear(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_started_over),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
