/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: a NAT's table is swapped under the packets of many flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static int64_t figure(const struct run *run, const char *name)
{
	const json_t *environment = json_object_get(run->result, "environment");

	return json_integer_value(json_object_get(json_object_get(environment, "workload"), name));
}

static struct run swapped(const char *options)
{
	static const char *const oracles[] = {"replies",  "component", "connections",
					      "messages", "flows",     "network"};
	g_autofree char *line = g_strconcat("--strategy=hotswap --workload=nat ", options, NULL);
	struct run run = run_good(line);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s is %s", line, oracles[i], run_verdict(&run, oracles[i]));
	assert_true(figure(&run, "packets_translated") > figure(&run, "messages"));
	return run;
}

static void test_each_quiescence(void **state)
{
	static const char *const options[] = {"-p quiescence=stack -p instance=1",
					      "-p quiescence=counter", "-p quiescence=rcu"};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		struct run run;

		if (i && left_to_full(options[i]))
			continue;
		run = swapped(options[i]);
		run_clear(&run);
	}
}

/* Waiting for a grace period the mover sleeps with the gate closed, so packets meet it. */
static void test_to_and_fro(void **state)
{
	struct run run = swapped("-p swaps=101 -p every_ms=50 -p flows=256 -p quiescence=rcu");

	assert_true(figure(&run, "packets_held") > 0);
	assert_true(figure(&run, "flows_opened") > 512);
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_quiescence),
		cmocka_unit_test(test_to_and_fro),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
