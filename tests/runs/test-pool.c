/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: a pool of requests is swapped with requests outstanding, and without
 * waiting for its callers, which has to be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

/* Calls that sleep inside the pool's code, so that a move meets some. */
#define LINGERING                                                                                  \
	" -p swaps=5 -p every_ms=200 -p linger_us=20000 -p linger_every=4 -p patience_ms=1500 "

static double figure(const struct run *run, const char *name)
{
	const json_t *environment = json_object_get(run->result, "environment");

	return json_number_value(json_object_get(json_object_get(environment, "workload"), name));
}

static struct run swapped(const char *options)
{
	static const char *const oracles[] = {"replies", "component", "records", "requests",
					      "devices"};
	g_autofree char *line = g_strconcat("--strategy=hotswap --workload=pool ", options, NULL);
	struct run run = run_good(line);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s is %s", line, oracles[i], run_verdict(&run, oracles[i]));
	return run;
}

static void test_with_lingering_callers(void **state)
{
	static const char *const how[] = {"stack", "counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(how); i++) {
		g_autofree char *options =
			g_strdup_printf("-p quiescence=%s" LINGERING "--rate 100", how[i]);
		struct run run;

		if (i && left_to_full(options))
			continue;
		run = swapped(options);
		run_clear(&run);
	}
}

/* What did not wait for its callers has to be found out. */
static void test_without_quiescence(void **state)
{
	struct run run;
	bool records, requests;

	if (left_to_full("quiescence=none"))
		return;
	run = run_lubench("--strategy=hotswap --workload=pool -p quiescence=none "
			  "--rate 100 --timeout 8000" LINGERING "-p threads=8 -p pace_us=2000");
	records = g_str_equal(run_verdict(&run, "records"), "fail");
	requests = g_str_equal(run_verdict(&run, "requests"), "fail");
	assert_int_not_equal(run.status, 0);
	assert_true(records || requests);
	run_clear(&run);
}

/* More and larger requests at a time: operations that need many of them take less. */
static void test_what_it_is_for(void **state)
{
	struct run run = swapped("-p quiescence=rcu -p instance=1 -p bytes=65536 -p threads=6 "
				 "-p latency_us=10000 --rate 50");

	assert_true(figure(&run, "server_requests_at_once") > 2 * 16);
	assert_true(figure(&run, "mean_us_later_version") < figure(&run, "mean_us_first_version"));
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_lingering_callers),
		cmocka_unit_test(test_without_quiescence),
		cmocka_unit_test(test_what_it_is_for),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
