/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: packet scheduler and network driver swapped under packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

/* Short, and with a load that any host's emulation keeps up with. */
#define BRIEF "--set=client.settle_ms=1500 --rate=20 --param timed_us=20000 "
#define MOVES "--param swaps=21 --param every_ms=20"

static const char *const oracles[] = {"component", "replies", "order",	     "packets", "sequence",
				      "other",	   "flows",   "connections", NULL};

static const json_t *report(const struct run *run)
{
	return json_object_get(json_object_get(run->result, "environment"), "workload");
}

static const json_t *latency(const struct run *run, const char *version, const char *class)
{
	const json_t *of = json_array_get(json_object_get(report(run), "paths"), 0);

	return json_object_get(json_object_get(of, version), class);
}

static int64_t figure(const struct run *run, const char *version, const char *class,
		      const char *name)
{
	return json_integer_value(json_object_get(latency(run, version, class), name));
}

static struct run swapped(const char *options)
{
	g_autofree char *all = g_strconcat("--strategy=hotswap " BRIEF, options, NULL);
	struct run run = run_good(all);

	for (const char *const *oracle = oracles; *oracle; oracle++)
		if (!g_str_equal(run_verdict(&run, *oracle), "pass"))
			fail_msg("%s: %s is %s", options, *oracle, run_verdict(&run, *oracle));
	/* Both versions carried packets of both classes, and some moves found packets waiting. */
	assert_true(json_integer_value(json_object_get(report(&run), "carried_over")) > 0);
	for (int v = 1; v <= 2; v++) {
		g_autofree char *version = g_strdup_printf("v%d", v);

		assert_true(figure(&run, version, "thin", "packets") > 0);
		assert_true(figure(&run, version, "bulk", "packets") > 0);
	}
	return run;
}

/* The fair queue lets thin flows past the bulk: that the new version works shows in the numbers. So
 * slow a line takes longer for what is before a thin packet than a busy host holds one up. */
static void test_queue(void **state)
{
	struct run run = swapped("--workload=queue --param rate=500000 " MOVES);

	assert_true(figure(&run, "v2", "thin", "p50_ns") <
		    figure(&run, "v1", "thin", "p50_ns") / 2);
	run_clear(&run);
}

static void test_netdev(void **state)
{
	struct run run = swapped("--workload=netdev --param quiescence=stack " MOVES);

	run_clear(&run);
}

/* A transfer that goes wrong on purpose: the packets themselves say so. The time-out is more than
 * the service waits for packets at the end. */
static void test_spoilt(const char *options, const char *oracle, const char *unharmed)
{
	g_autofree char *all =
		g_strconcat("--strategy=hotswap --timeout=5000 " BRIEF, options, NULL);

	run_spoilt(all, oracle, unharmed);
}

static void test_lost(void **state)
{
	test_spoilt("--workload=netdev --param spoil=lose --param moderation_us=1000", "packets",
		    "sequence");
}

static void test_reversed(void **state)
{
	if (!left_to_full("queue, spoil=reverse"))
		test_spoilt("--workload=queue --param rate=500000 --param spoil=reverse",
			    "sequence", "packets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_netdev),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_reversed),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
